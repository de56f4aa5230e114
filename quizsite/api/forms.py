from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quizsite.api.permissions import Scope

LIFETIMES = [("30", _("30 дней")), ("90", _("90 дней")), ("365", _("год"))]


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Название"),
        max_length=100,
        help_text=_("Для чего он: по названию вы узнаете его в списке."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Права"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("Срок действия"),
        choices=LIFETIMES,
        coerce=int,
        initial="90",
        widget=forms.RadioSelect,
    )
