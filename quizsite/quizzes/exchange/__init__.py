"""Questions to and from other systems: Moodle XML and GIFT.

What a format cannot say is never dropped in silence: every conversion gives, beside
its result, a list of losses, each naming the question and what became of it.
"""

from __future__ import annotations

from types import ModuleType

from quizsite.quizzes.exchange import gift, moodle
from quizsite.quizzes.exchange.items import Exchange, Unreadable

FORMATS: dict[str, ModuleType] = {"moodle": moodle, "gift": gift}
SUFFIXES = {"moodle": "xml", "gift": "gift.txt"}


def read_file(data: bytes) -> Exchange:
    """A file of either format.

    Raises:
        Unreadable: it is neither; says what to do.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return moodle.read(data)
    try:
        return gift.read(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable("файл не в кодировке UTF-8: сохраните его в ней") from error
