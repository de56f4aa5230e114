"""Bodies: read so that they are refused rather than crashed on; archives written."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer


class ZipOrProblem(JSONRenderer):
    """For who accepts zip alone: the archive is ready-made, a problem stays JSON."""

    media_type = "application/zip"
    format = "zip"


class JsonBody(JSONParser):
    """JSON, however deep somebody nests it."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("Слишком глубокая вложенность.")) from error
