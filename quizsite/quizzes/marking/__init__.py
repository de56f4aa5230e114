"""Instructors mark open answers.

Theory of operation
-------------------
No machine marks an answer in words. Its reader compares it with the facts or with the
rubric (:mod:`quizsite.quizzes.services.self_checking`), which is no mark; an instructor
marks it by the same criteria, and that becomes the answer's mark, recomputes the
attempt and supersedes its grade event, just as a regrade does (:mod:`recording`).

What there is to mark is a *queue* (:mod:`queue`): essays with a rubric wait for a mark;
of what readers compared themselves a sample is looked at, the same one for everybody,
so that several instructors work it off together. It is shown without the reader's own
comparison, which would lead the marker, and without names unless they are asked for.

Two markers must not read the same answer. Whoever takes one from the queue has it for
a while (:mod:`leases`); that is soft, a lease may run out over a long essay. So every
mark has a number, and a save says upon which one it is *based*: if there is a newer one
it is a conflict, both marks are shown, and it takes another click to overrule. Nothing
is ever overwritten: :class:`OpenMark` is the history.

Where both have marked, :mod:`agreement` says how far they agree.
"""
