"""Verdicts in words for people: a title, a colour, and what it means."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from graders.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Wording:
    """How a verdict is shown; ``look`` is a class of components.css."""

    title: str | Promise
    look: str
    meaning: str | Promise


WORDINGS: dict[Verdict, Wording] = {
    Verdict.ACCEPTED: Wording(
        _("Принято"), "ok", _("Все проверки пройдены. Отличная работа!")
    ),
    Verdict.PARTIAL: Wording(
        _("Частично верно"),
        "warn",
        _("Часть проверок пройдена — осталось разобраться с остальными."),
    ),
    Verdict.WRONG_ANSWER: Wording(
        _("Неверный ответ"),
        "bad",
        _("Код работает, но его ответы отличаются от ожидаемых."),
    ),
    Verdict.CONTRACT_ERROR: Wording(
        _("Не по условию"),
        "warn",
        _("В решении нет того, что нужно вызвать для проверки. Попытка не потрачена."),
    ),
    Verdict.FORBIDDEN_API: Wording(
        _("Запрещённая функция"),
        "bad",
        _("Использована готовая функция, которую здесь нужно написать самому."),
    ),
    Verdict.RUNTIME_ERROR: Wording(
        _("Ошибка выполнения"),
        "bad",
        _("Код остановился с ошибкой, не дав ответа."),
    ),
    Verdict.TIME_LIMIT: Wording(
        _("Слишком долго"), "bad", _("Код не уложился в отведённое время.")
    ),
    Verdict.MEMORY_LIMIT: Wording(
        _("Слишком много памяти"), "bad", _("Коду не хватило отведённой памяти.")
    ),
    Verdict.OUTPUT_LIMIT: Wording(
        _("Слишком большой вывод"),
        "bad",
        _("Код напечатал или вернул слишком много данных."),
    ),
    Verdict.SANDBOX_VIOLATION: Wording(
        _("Нарушение песочницы"),
        "bad",
        _("Код обратился к тому, что в песочнице запрещено: сети, файлам, процессам."),
    ),
    Verdict.EXERCISE_ERROR: Wording(
        _("Неисправно задание"),
        "warn",
        _(
            "Это наша ошибка, а не ваша: проверка этого задания сломалась. "
            "Попытка не потрачена, решение сохранено."
        ),
    ),
    Verdict.SYSTEM_ERROR: Wording(
        _("Сбой проверки"),
        "warn",
        _(
            "Это наша ошибка, а не ваша: проверяющая система дала сбой. "
            "Попытка не потрачена, решение сохранено."
        ),
    ),
}
