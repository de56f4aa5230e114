"""The list of the API's operations, read from its own schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    tag: str
    needs_account: bool


@cache
def schema() -> dict[str, Any]:
    """The OpenAPI document; the same until the code changes."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(
        _operation(method, path, described)
        for path, methods in schema()["paths"].items()
        for method, described in methods.items()
    )


def _operation(method: str, path: str, described: dict[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        summary=described.get("summary", ""),
        tag=described["tags"][0],
        needs_account={} not in described.get("security", []),
    )
