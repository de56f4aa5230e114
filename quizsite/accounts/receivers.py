"""What happens when somebody signs in, whichever way (sign-up ends in a sign-in)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from quizsite.accounts.access import GUEST_KEY
from quizsite.accounts.models import User
from quizsite.accounts.services import adopt_guest_attempts
from quizsite.lib.plural import plural_here


@receiver(user_logged_in, dispatch_uid="adopt guest attempts")
def adopt(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    # The key leaves the session: whoever signs in here next owns nothing by it.
    guest_key = request.session.pop(GUEST_KEY, "")
    count = adopt_guest_attempts(user=user, guest_key=guest_key)
    if count:
        noun = plural_here(count, _("попытка,попытки,попыток"))
        text = _("Пройденное без входа теперь ваше: %(count)d %(noun)s.")
        values = {"count": count, "noun": noun}
        messages.info(request, text % values, fail_silently=True)
