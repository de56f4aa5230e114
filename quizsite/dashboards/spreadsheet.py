"""CSV that a Russian Excel or LibreOffice opens with a double click.

UTF-8 with a byte order mark, ``;`` between the cells, a decimal comma, CRLF. What
people typed is never taken for a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

BYTE_ORDER_MARK = "\ufeff"
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")

Cell = str | int | float | datetime | None


class _Echo:
    """Gives back what the csv writer writes, so that rows can be streamed."""

    def write(self, text: str) -> str:
        return text


def as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:.4f}".rstrip("0").rstrip(".").replace(".", ",")
        case datetime():
            return f"{timezone.localtime(cell):%d.%m.%Y %H:%M}"
        case str() if cell.startswith(FORMULA_STARTS):
            return f"'{cell}"
    return str(cell)


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield BYTE_ORDER_MARK
    for row in rows:
        yield writer.writerow([as_text(cell) for cell in row])


def download(filename: str, rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """The rows as a file, sent as they are read."""
    disposition = content_disposition_header(as_attachment=True, filename=filename)
    return StreamingHttpResponse(
        lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": disposition or "attachment",
            "Cache-Control": "private, no-store",
        },
    )
