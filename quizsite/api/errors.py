"""One shape for every error under /api/: RFC 9457, ``application/problem+json``.

``type`` is the address of the error's description on the page /api/ and the part a
program should look at; ``title`` and ``detail`` are for people. A refused body has
``errors``: a list of ``{pointer, code, detail}``, the pointer as in RFC 6901.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of error: the end of its ``type``, its status and its title."""

    slug: str
    status: int
    title: Any  # a lazy translation


KINDS = {
    kind.status: kind
    for kind in (
        Kind("bad-request", 400, _("Запрос не разобрать")),
        Kind("unauthenticated", 401, _("Нужно представиться")),
        Kind("forbidden", 403, _("Нет права на это действие")),
        Kind("not-found", 404, _("Такого здесь нет")),
        Kind("method-not-allowed", 405, _("Этот метод здесь не работает")),
        Kind("not-acceptable", 406, _("В таком виде ответа нет")),
        Kind("conflict", 409, _("Сейчас это невозможно")),
        Kind("too-large", 413, _("Тело запроса слишком велико")),
        Kind("unsupported-media-type", 415, _("Такое тело запроса не принимается")),
        Kind("invalid", 422, _("Данные не подходят")),
        Kind("throttled", 429, _("Слишком много запросов")),
        Kind("internal", 500, _("Ошибка на нашей стороне")),
    )
}


class Conflict(exceptions.APIException):
    """The request is right, the state of things is not."""

    status_code = 409
    default_detail = _("Состояние изменилось, и сейчас это невозможно.")
    default_code = "conflict"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = _("Тело запроса слишком велико.")
    default_code = "too_large"


class Invalid(exceptions.ValidationError):
    """A body that was understood and refused."""

    status_code = 422


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """The problem document for whatever a view raised (DRF's exception handler)."""
    set_rollback()
    known = _as_api_exception(error)
    if known is None:
        # Nothing of the error reaches the caller; all of it reaches the log.
        logger.exception("unexpected error under /api/", exc_info=error)
        known = exceptions.APIException(_("Мы об этом узнаем; попробуйте позже."))
    body = _document(known)
    response = Response(body, status=body["status"], headers=_headers(known))
    response.content_type = PROBLEM_JSON
    return response


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case SuspiciousOperation():
            return exceptions.ParseError()
    return None


def _document(error: exceptions.APIException) -> dict[str, Any]:
    refused = isinstance(error, exceptions.ValidationError)
    kind = KINDS.get(422 if refused else error.status_code, KINDS[500])
    problem: dict[str, Any] = {
        "type": f"{settings.SITE_URL}/api/#{kind.slug}",
        "title": str(kind.title),
        "status": kind.status,
    }
    if refused:
        problem["errors"] = list(_pointed(error.detail))
        problem["detail"] = " ".join(one["detail"] for one in problem["errors"])
    else:
        problem["detail"] = str(error.detail)
        problem["code"] = error.get_codes()
    return problem


def _pointed(detail: Any, pointer: str = "#") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list with JSON pointers."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            own = key == "non_field_errors"
            yield from _pointed(inner, pointer if own else f"{pointer}/{key}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            row = isinstance(inner, Mapping)
            yield from _pointed(inner, f"{pointer}/{index}" if row else pointer)
    else:
        code = getattr(detail, "code", "invalid")
        yield {"pointer": pointer, "code": str(code), "detail": str(detail)}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
