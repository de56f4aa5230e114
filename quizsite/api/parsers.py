"""Bodies: read so that they are refused rather than crashed on; archives written."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer


class Zip(BaseRenderer):
    """A finished archive; a problem document is sent as the JSON that it is."""

    media_type = "application/zip"
    format = "zip"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        if isinstance(data, bytes):
            return data
        rendered: bytes = JSONRenderer().render(data, *args, **kwargs)
        return rendered


class JsonBody(JSONParser):
    """JSON, however deep somebody nests it."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(stream, *args, **kwargs)
        except RecursionError as error:
            raise ParseError(_("Слишком глубокая вложенность.")) from error
