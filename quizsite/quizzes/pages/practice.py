"""What practice shows beside a question: its verdict, hints, and in the end its key."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quizsite.lib.numbers import format_number
from quizsite.lib.plural import plural_here
from quizsite.quizzes.behaviours.practice import PENALTY
from quizsite.quizzes.pages.judged import Judged


@dataclass(frozen=True)
class FeedbackPage(Judged):
    """One question of a running practice."""

    @property
    def is_checked(self) -> bool:
        return self.response.checked_revision is not None

    @property
    def is_stale(self) -> bool:
        """Whether the answer was changed since it was checked."""
        return self.is_checked and not self.response.is_checked

    @property
    def settled(self) -> bool:
        """Whether the key was shown, so that nothing more can be earned."""
        return self.response.revealed_at is not None

    @property
    def gave_up(self) -> bool:
        right = self.response.mark is None or self.response.mark >= 1
        return self.settled and not (right and self.is_checked)

    @property
    def given_hints(self) -> list[SafeString]:
        """The author's, one by one on demand."""
        return self.variant.hints[: self.response.hints_taken]

    @property
    def key(self) -> SafeString | None:
        return super().key if self.settled else None

    @property
    def explanation(self) -> SafeString | None:
        return super().explanation if self.settled else None

    @property
    def cost(self) -> str:
        """What the tries have cost so far, and what the next one may still earn."""
        tries = self.response.wrong_tries
        if not tries or not self.automatic or not self.shows_mark:
            return ""
        if self.settled:
            return ""
        left = max(0.0, 1 - PENALTY * tries) * self.response.version.points
        forms = _("неверная попытка,неверные попытки,неверных попыток")
        values = {
            "tries": tries,
            "noun": plural_here(tries, forms),
            "left": format_number(left, decimals=2),
        }
        return _("%(tries)d %(noun)s: за верный ответ теперь дадут %(left)s.") % values
