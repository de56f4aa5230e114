"""The API's own description."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from quizsite.api.reference import schema


@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    # Read by programs anywhere; it says nothing of anybody.
    return JsonResponse(
        schema(),
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=300"},
        json_dumps_params={"ensure_ascii": False},
    )
