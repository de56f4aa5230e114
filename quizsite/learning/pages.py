"""What «Мои знания» shows: the day's questions, certainty, what is misunderstood."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from quizsite.accounts.models import User
from quizsite.dashboards.charts import Bar, Chart
from quizsite.learning.calibration import Level, calibration
from quizsite.learning.ledger import ledger_of
from quizsite.learning.models import Card
from quizsite.learning.places import Located, located
from quizsite.learning.starting import Due, end_of_day, todays_queue
from quizsite.quizzes.models import Attempt

SHOWN = 3  # misconceptions; the rest have a page of their own
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Overview:
    """Of one reader, today."""

    queue: list[Due]
    running: list[Attempt]
    cards: int  # kept altogether
    next_due: datetime | None  # after today
    levels: list[Level]
    mixed_up: list[Located]  # the first few that are not overcome
    misconceptions: int  # altogether

    @property
    def waiting(self) -> int:
        return sum(due.count for due in self.queue)

    @property
    def has_answers(self) -> bool:
        return any(level.answers for level in self.levels)

    @property
    def chart(self) -> Chart:
        return Chart(_("Доля верных ответов"), [_bar(level) for level in self.levels])


def overview(user: User) -> Overview:
    now = timezone.now()
    cards = Card.objects.filter(user=user, question__retired=False)
    later = cards.filter(due__gt=end_of_day(now)).order_by("due").first()
    ledger = ledger_of(user)
    running = Attempt.objects.filter(user=user, is_review=True, finished_at=None)
    return Overview(
        queue=todays_queue(user, now),
        running=list(running.select_related("quiz__chapter")),
        cards=cards.count(),
        next_due=later.due if later else None,
        levels=calibration(user),
        mixed_up=located([one for one in ledger if not one.overcome][:SHOWN]),
        misconceptions=len(ledger),
    )


def _bar(level: Level) -> Bar:
    label = str(level.certainty.label)
    if level.share is None:
        return Bar(label, 0, _("ответов нет"), "few")
    share = f"{round(100 * level.share)}{NBSP}% (n{NBSP}={NBSP}{level.answers})"
    tone = {"few": "few", "well": "ok", "over": "bad", "under": "warn"}[level.verdict]
    return Bar(label, level.share, share, tone, level.interval)
