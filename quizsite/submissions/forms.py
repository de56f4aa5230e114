"""The form that code is handed in with: typed, or as a file."""

from __future__ import annotations

import hashlib

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

# A notebook carries its pictures along; what counts is the code taken out of it.
MAX_UPLOAD_BYTES = 8 * 1024 * 1024


class SubmitForm(forms.Form):
    source = forms.CharField(
        label=_("Решение"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "data-editor": "",
                "data-editor-hint": _("Esc, затем Tab — выйти из редактора."),
                "rows": 20,
                "spellcheck": "false",
                "autocapitalize": "off",
                "autocomplete": "off",
            }
        ),
    )
    file = forms.FileField(
        label=_("Или файл .py либо .ipynb"),
        required=False,
        allow_empty_file=True,  # said better where the code is read
        widget=forms.FileInput(attrs={"accept": ".py,.ipynb"}),
    )
    token = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _("Файл больше 8 МБ. Очистите вывод ячеек и сохраните его ещё раз.")
            )
        return file

    @property
    def used_field(self) -> str:
        """A chosen file wins over the text in the editor."""
        return "file" if self.cleaned_data["file"] else "source"

    @property
    def content(self) -> bytes:
        file = self.cleaned_data["file"]
        if not file:
            return str(self.cleaned_data["source"]).encode()
        file.seek(0)
        content: bytes = file.read()
        return content

    @property
    def filename(self) -> str:
        file = self.cleaned_data["file"]
        return str(file.name) if file else "solution.py"

    def idempotency_key(self, *parts: str) -> str:
        """The same page sent twice has the same key; changed code has another.

        Without the code in it, «back», an edit and a second submit would be lost.
        """
        token = self.cleaned_data["token"]
        if not token:
            return ""
        digest = hashlib.sha256(self.content)
        digest.update("\0".join((token, self.filename, *parts)).encode())
        return digest.hexdigest()
