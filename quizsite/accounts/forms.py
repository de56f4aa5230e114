"""Forms about people; allauth's own, with labels instead of placeholders."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.forms import BaseUserCreationForm
from django.utils.translation import gettext_lazy as _

from quizsite.accounts.models import User

PASSWORD_HELP = _("Не короче 8 символов, не из одних цифр и не из самых частых.")


class LabelledMixin:
    """A placeholder that repeats the label vanishes when it is needed: drop it."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(LabelledMixin, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Имя пользователя или почта")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""  # the page has the link to the reset


class SignupForm(LabelledMixin, allauth_forms.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Электронная почта")
        self.fields["email"].help_text = _("Нужна, только чтобы восстановить пароль.")
        self.fields["password1"].help_text = PASSWORD_HELP


class AddEmailForm(LabelledMixin, allauth_forms.AddEmailForm):
    pass


class ResetPasswordForm(LabelledMixin, allauth_forms.ResetPasswordForm):
    pass


class ChangePasswordForm(LabelledMixin, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HELP


class ResetPasswordKeyForm(LabelledMixin, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HELP


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["display_name"]
        help_texts = {
            "display_name": _(
                "Так вас увидят преподаватели ваших курсов. "
                "Пусто — будет показано имя пользователя."
            )
        }

    def clean_display_name(self) -> str:
        return " ".join(str(self.cleaned_data["display_name"]).split())


class AdministratorForm(BaseUserCreationForm):
    """The first administrator, made by the one-time link."""

    demo_course = forms.BooleanField(
        label=_("Загрузить демонстрационный курс с вымышленными студентами"),
        required=False,
        initial=True,
    )

    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = ""
        self.fields["password1"].help_text = PASSWORD_HELP
        self.fields["password2"].help_text = ""
