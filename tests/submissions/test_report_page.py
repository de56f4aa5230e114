"""The report of a graded submission, as its author and staff see it."""

from __future__ import annotations

import pytest

from graders.report import CheckResult, RecognisedMistake
from graders.verdicts import Verdict
from quizsite.submissions.models import Submission
from quizsite.submissions.verdicts import WORDINGS
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, UserFactory
from tests.submissions.reports import HEAT_MAP, VALUES, WORST, check, graded, page_of

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


@pytest.fixture
def as_staff(db):
    return signed_in(UserFactory(username="staff", is_staff=True))


UNJUDGED = CheckResult("later", "Позже", False, False, 0, 1, "Не было.", judged=False)


class TestReport:
    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_every_verdict_has_a_title_and_a_meaning(self, as_bob, bob, verdict):
        page = page_of(as_bob, graded(bob, verdict, checks=(check(),)))
        assert str(WORDINGS[verdict].title) in page
        assert str(WORDINGS[verdict].meaning) in page

    @pytest.mark.parametrize("verdict", [Verdict.SYSTEM_ERROR, Verdict.EXERCISE_ERROR])
    def test_our_faults_are_worded_as_ours(self, as_bob, bob, verdict):
        page = page_of(as_bob, graded(bob, verdict, 0.0))
        assert "наша ошибка, а не ваша" in page
        assert "Попытка не потрачена" in page

    def test_the_hint_of_a_recognised_mistake_is_shown(self, as_bob, bob):
        mistake = RecognisedMistake("no_scale", "Похоже, нет деления на $\\sqrt{d}$")
        page = page_of(as_bob, graded(bob, mistake=mistake))
        assert '<span class="math inline">\\sqrt{d}</span>' in page

    def test_a_check_shows_what_was_expected_and_what_came(self, as_bob, bob):
        page = page_of(as_bob, graded(bob, checks=(check(details=VALUES),)))
        for shown in ("[0, 2]", "0,5", "1,75", "1,25", "2,5", "1e−07", "0\xa0", "1,5"):
            assert shown in page.replace("&nbsp;", "\xa0")

    def test_a_relative_error_is_shown_only_where_there_is_one(self, as_bob, bob):
        nothing = {**VALUES, "worst": {**WORST, "relative_error": float("inf")}}
        for details, shown in ((VALUES, True), (nothing, False)):
            page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
            assert ("относительная" in page) is shown

    def test_numbers_have_as_many_digits_as_it_takes_to_tell_them_apart(
        self, as_bob, bob
    ):
        worst = {**WORST, "expected": 1 / 3, "actual": 1 / 3 + 1e-9}
        details = {"difference": "values", "worst": worst}
        page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
        assert "0,333333333" in page and "0,333333334" in page

    def test_what_is_not_finite_has_no_error_and_no_allowance(self, as_bob, bob):
        worst = {**WORST, "actual": float("nan"), "error": float("nan")}
        details = {"difference": "not_finite", "worst": worst}
        page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
        assert "NaN" in page and "допуск<" not in page

    def test_the_message_leaves_the_figures_to_the_table(self, as_bob, bob):
        both = check(message="С числами.", details={**VALUES, "summary": "Без чисел."})
        page = page_of(as_bob, graded(bob, checks=(both,)))
        assert "Без чисел." in page and "С числами." not in page

    def test_a_heat_map_is_drawn_and_told_in_words(self, as_bob, bob):
        details = {**VALUES, "heat_map": HEAT_MAP}
        page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
        assert '<path class="level-4" d="M1 1h1v1h-1z"/>' in page
        assert "<td>1</td><td>1</td><td>больше 1\xa0000 допусков</td>" in page
        assert "срез с наибольшей ошибкой <code>[1, :, :]</code>" in page
        assert "style=" not in page

    def test_a_wrong_shape_is_shown_axis_by_axis(self, as_bob, bob):
        axes = [
            {"axis": 0, "expected": 2, "actual": 2},
            {"axis": 1, "expected": 3, "actual": None},
        ]
        details = {"difference": "shape", "axes": axes}
        page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
        assert page.count('<tr class="differs">') == 1
        assert "различаются" in page

    def test_a_place_leads_to_the_line_of_the_code(self, as_bob, bob):
        details = {"difference": "raised", "line": 2, "cell": None}
        page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
        assert '<a class="to-line" href="#line-2">' in page
        assert '<mark id="line-2">' in page
        assert page.count("<mark") == 1

    def test_the_code_is_marked_when_the_verdict_comes_too(self, as_bob, bob):
        details = {"difference": "raised", "line": 2, "cell": None}
        url = graded(bob, checks=(check(details=details),)).get_absolute_url()
        response = as_bob.get(f"{url}status/", headers={"HX-Request": "true"})
        page = response.content.decode()
        assert 'hx-swap-oob="innerHTML:#listing"' in page
        assert '<mark id="line-2">' in page

    def test_forbidden_names_are_listed_with_their_lines(self, as_bob, bob):
        found = [
            {"name": "torch.optim", "reason": "", "line": 1, "cell": None},
            {"name": "eval", "reason": "обход", "line": 2, "cell": None},
        ]
        details = {"difference": "forbidden", "violations": found, "more": 3}
        submission = graded(
            bob, Verdict.FORBIDDEN_API, 0.0, checks=(UNJUDGED,), details=details
        )
        page = page_of(as_bob, submission)
        assert "<code>torch.optim</code>" in page and "(обход)" in page
        assert 'href="#line-1"' in page and '<mark id="line-2">' in page
        assert "И ещё мест: 3" in page

    def test_checks_that_were_not_begun_are_not_listed(self, as_bob, bob):
        submission = graded(bob, Verdict.CONTRACT_ERROR, 0.0, checks=(UNJUDGED,))
        page = page_of(as_bob, submission)
        assert "До проверок дело не дошло" in page
        assert UNJUDGED.title not in page

    def test_a_check_that_was_not_begun_is_not_called_wrong(self, as_bob, bob):
        page = page_of(as_bob, graded(bob, checks=(check(), UNJUDGED)))
        assert '<li class="check unjudged">' in page
        assert "До проверок дело не дошло" not in page

    def test_shapes_are_shown_side_by_side(self, as_bob, bob):
        details = {"difference": "shape", "expected": "[2, 3]", "actual": "[3, 2]"}
        page = page_of(as_bob, graded(bob, checks=(check(details=details),)))
        assert "<code>[2, 3]</code>" in page and "<code>[3, 2]</code>" in page

    def test_inputs_stdout_and_traceback_are_shown(self, as_bob, bob):
        shown = check(inputs="q = torch.zeros(2)", stdout="напечатано")
        submission = graded(bob, checks=(shown,), traceback="строка 2: 1 / 0")
        page = page_of(as_bob, submission)
        for text in ("q = torch.zeros(2)", "напечатано", "строка 2: 1 / 0"):
            assert text in page

    def test_only_staff_sees_the_seed(self, as_bob, as_staff, bob):
        submission = graded(bob)
        assert "5eed" not in page_of(as_bob, submission)
        assert "5eed" in page_of(as_staff, submission)

    def test_an_instructor_does_not_see_the_seed(self, as_alice, bob, course):
        AssignmentFactory(course=course, item="tr_attention")
        assert "5eed" not in page_of(as_alice, graded(bob))

    def test_the_source_is_shown_with_line_numbers(self, as_bob, bob):
        page = page_of(as_bob, graded(bob))
        assert ">1\n2\n</pre>" in page
        assert "def attention(q, k, v):" in page

    def test_hostile_text_is_escaped_in_every_field(self, as_staff, bob):
        evil = check(title=EVIL, message=EVIL, inputs=EVIL, stdout=EVIL)
        compared = check(details={"expected": EVIL, "actual": EVIL, "summary": EVIL})
        named = [{"name": EVIL, "reason": EVIL, "line": EVIL, "cell": EVIL}]
        mistake = RecognisedMistake("x", f"{EVIL} [a](javascript:alert(1)) $<b>$")
        submission = graded(
            bob,
            Verdict.CONTRACT_ERROR,
            checks=(evil, compared),
            message=EVIL,
            mistake=mistake,
            traceback=EVIL,
        )
        notes = [{"about": about, "text": EVIL} for about in ("warning", "info", EVIL)]
        hostile = {"cells": [EVIL], "notes": notes}
        Submission.objects.filter(pk=submission.pk).update(
            source=f"</code>{EVIL}", filename=EVIL, intake_notes=hostile
        )
        bob.display_name = EVIL
        bob.save()
        for details in ({}, {"violations": named}):
            submission.report["details"] = details
            Submission.objects.filter(pk=submission.pk).update(report=submission.report)
            page = page_of(as_staff, submission)
            assert EVIL not in page and 'href="javascript:' not in page

    def test_lines_of_a_notebook_are_numbered_by_their_cells(self, as_bob, bob):
        details = {"difference": "raised", "line": 5, "cell": 3}
        submission = graded(bob, checks=(check(details=details),))
        source = "# Ячейка 3\ndef f():\n    return 1\n"
        fragment = {"start": 2, "length": 2, "cell": 3, "line": 4}
        notes = {"cells": [3], "fragments": [fragment]}
        Submission.objects.filter(pk=submission.pk).update(
            source=source, intake_notes=notes
        )
        page = page_of(as_bob, submission)
        assert ">\xa0\n4\n5\n</pre>" in page
        assert '<mark id="cell-3-line-5">    return 1</mark>' in page
        assert "взята ячейка 3" in page

    def test_it_shows_how_a_notebook_was_read(self, as_bob, bob):
        submission = graded(bob)
        warning = {"about": "warning", "text": "Снова заготовка."}
        ignored = {"about": "ignored", "text": "Ниже есть другое."}
        submission.intake_notes = {"cells": [2, 3, 4, 7], "notes": [warning, ignored]}
        submission.save()
        page = page_of(as_bob, submission)
        assert "взяты ячейки 2–4, 7" in page
        assert "Снова заготовка." in page and "Ниже есть другое." in page

    def test_a_report_outlives_its_exercise(self, as_bob, bob):
        submission = graded(bob)
        Submission.objects.filter(pk=submission.pk).update(exercise="removed")
        assert "removed" in page_of(as_bob, submission)
        assert "removed" in as_bob.get("/submissions/").content.decode()

    def test_the_source_can_be_downloaded(self, as_bob, bob):
        submission = graded(bob)
        response = as_bob.get(f"{submission.get_absolute_url()}source/")
        assert response.content.decode() == submission.source
        assert response["Content-Type"].startswith("text/x-python")
