"""``check()``, ``check_format()`` and ``submit()`` for a notebook, over the site's API.

Needs the standard library and, to check, torch. The personal token comes from the
environment (``DLQ_TOKEN``) or is asked for, is kept in memory only and is sent to the
site that the notebook came from, nowhere else.
"""

from __future__ import annotations

import getpass
import json
import os
import sys
import time
import types
import uuid
import zipfile
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT_S = 30.0
EXAMPLES_TRIES = 20  # a second each, while a grader makes them
REPORT_WAIT_S = 600.0
PAUSES_S = (0.3, 0.5, 1.0, 1.0)  # between questions about a report, then:
PAUSE_S = 2.0
TOKEN = "DLQ_TOKEN"


class Trouble(Exception):
    """What to tell the student, in Russian."""


class _SameSite(HTTPRedirectHandler):
    """A token must not follow a redirect to another host."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> Request | None:
        asked: Request = args[0]
        followed = super().redirect_request(*args, **kwargs)
        if followed and (followed.type, followed.host) != (asked.type, asked.host):
            raise Trouble("Сайт отсылает на другой адрес: запрос остановлен.")
        return followed


class Helper:
    """The verbs of one exercise's notebook; each prints and says whether all is well.

    Args:
        site: address of the site, without a slash at its end.
        archive: the file that the notebook has fetched this module in.
    """

    def __init__(self, site: str, exercise: str, archive: Path) -> None:
        self._exercise, self._archive = exercise, archive
        self._api, self._tokens = f"{site}/api/v1/", f"{site}/profile/tokens/"
        self._token = ""
        self._open = build_opener(_SameSite).open

    def check(self) -> bool:
        """Run the public examples here, on what the notebook has defined."""
        return _told(self._check)

    def check_format(self, file: str = "") -> bool:
        """Ask what the site would take of this notebook; costs no attempt."""
        return _told(lambda: self._check_format(file))

    def submit(self, file: str = "") -> bool:
        """Send the notebook's code, or a file, wait and print the report."""
        return _told(lambda: self._submit(file))

    # --- the examples

    def _check(self) -> bool:
        with zipfile.ZipFile(self._with_examples()) as archive:
            for name in ("comparing", "replay", "witness", "probe"):
                _execute(name, archive.read(f"{name}.py").decode())
            cases = archive.read("cases.json").decode()
            tensors = archive.read("cases.safetensors")
        replay, probe = sys.modules["replay"], sys.modules["probe"]
        bundle = replay.Bundle(cases, tensors, probe.run)
        return bool(bundle.check(sys.modules["__main__"]))

    def _with_examples(self) -> Path:
        """The archive, fetched again until a grader has put the examples in."""
        for attempt in range(EXAMPLES_TRIES):
            with zipfile.ZipFile(self._archive) as archive:
                if "cases.json" in archive.namelist():
                    return self._archive
            if not attempt:
                print("Сайт готовит открытые примеры…")
            time.sleep(1)
            fresh = self._ask(f"exercises/{self._exercise}/examples/")
            self._archive.write_bytes(fresh)
        raise Trouble(
            "Открытых примеров пока нет: их готовит проверяющая система, а она "
            "сейчас не отвечает. Попробуйте позже; submit() работает и без них."
        )

    # --- the site

    def _check_format(self, file: str) -> bool:
        path = f"exercises/{self._exercise}/check-format/"
        found = json.loads(self._ask(path, upload=_upload(file)))
        print("Формат в порядке." if found["ok"] else found["message"])
        if found["cells"]:
            print("Ячейки:", ", ".join(map(str, found["cells"])))
        names = [one["name"] for one in found["names"] if one["kind"] != "import"]
        print("Определения:", ", ".join(names))
        _print_notes(found["notes"])
        return bool(found["ok"])

    def _submit(self, file: str) -> bool:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        upload = _upload(file, exercise=self._exercise)
        sent = json.loads(self._ask("submissions/", upload, headers=self._signed(key)))
        print("Отправлено:", sent["page"])
        return _print_report(self._await_report(sent))

    def _await_report(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + REPORT_WAIT_S
        for pause in chain(PAUSES_S, repeat(PAUSE_S)):
            path = f"submissions/{sent['id']}/"
            found: dict[str, Any] = json.loads(self._ask(path, headers=self._signed()))
            if found["state"] in ("done", "replaced"):
                return found
            if time.monotonic() > deadline:
                break
            time.sleep(pause)
        raise Trouble(f"Ещё проверяется. Отчёт появится здесь: {sent['page']}")

    def _signed(self, headers: Mapping[str, str] | None = None) -> dict[str, str]:
        token = self._token or os.environ.get(TOKEN, "")
        if not token:
            print(f"Токен создаётся здесь: {self._tokens} (права read и submissions)")
            token = getpass.getpass("Токен: ").strip()
        self._token = token
        return {"Authorization": f"Bearer {token}", **(headers or {})}

    def _ask(
        self,
        path: str,
        upload: tuple[bytes, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """What the site answers; waits when it asks for patience."""
        body, kind = upload or (None, "")
        request = Request(self._api + path, body, dict(headers or {}))
        if upload:
            request.add_header("Content-Type", kind)
        for _ in range(4):
            try:
                with self._open(request, timeout=TIMEOUT_S) as answer:
                    content: bytes = answer.read()
                    return content
            except HTTPError as error:
                if error.code != 429:
                    raise self._trouble(error) from None
                _wait(error.headers.get("Retry-After", ""))
            except (URLError, OSError) as error:
                raise Trouble(f"Сайт не отвечает: {error}") from None
        raise Trouble("Слишком много запросов: попробуйте через минуту.")

    def _trouble(self, error: HTTPError) -> Trouble:
        try:
            detail = json.loads(error.read())["detail"]
        except (ValueError, KeyError, TypeError):
            detail = f"сайт ответил {error.code}"
        if error.code in (401, 403):
            self._token = ""
            os.environ.pop(TOKEN, None)
            return Trouble(f"{detail} Создайте другой токен: {self._tokens}")
        return Trouble(str(detail))


def _told(verb: Callable[[], bool]) -> bool:
    try:
        return verb()
    except Trouble as trouble:
        print(trouble)
    except KeyboardInterrupt:
        print("Остановлено.")
    return False


def _wait(seconds: str) -> None:
    pause = min(int(seconds), 60) if seconds.isdecimal() else 5
    print(f"Сайт просит подождать: {pause} с.")
    time.sleep(pause)


def _execute(name: str, source: str) -> None:
    """Make a module of a file of the archive, which may have been fetched anew."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)  # noqa: S102
    except SystemExit as error:  # there is no torch
        raise Trouble(str(error)) from None


# --- what is sent -------------------------------------------------------------


def _upload(file: str, **fields: str) -> tuple[bytes, str]:
    """A multipart body with the file, or with what the notebook has executed."""
    name, content = (
        (Path(file).name, _read(file)) if file else ("notebook.ipynb", _history())
    )
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n'
        for key, text in fields.items()
    ]
    parts.append(
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    body = "".join(parts).encode() + content + f"\r\n--{mark}--\r\n".encode()
    return body, f"multipart/form-data; boundary={mark}"


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise Trouble(f"Файл не читается: {error}") from None


def _history() -> bytes:
    """All that was executed, as a notebook whose cells have the numbers of ``In``.

    The site picks what it needs; of cells that were executed again the last is sent.
    """
    main = sys.modules["__main__"]
    texts = list(getattr(main, "In", []))
    if shell := getattr(main, "get_ipython", None):  # with its magics as written
        texts = list(shell().history_manager.input_hist_raw)
    if len(texts) < 2:
        raise Trouble("Это не тетрадь Jupyter: назовите файл, submit('solution.py').")
    last = {text: number for number, text in enumerate(texts)}
    cells = [
        {"cell_type": "code", "source": text if last[text] == number else ""}
        for number, text in enumerate(texts)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells[1:]}).encode()


# --- what is printed ----------------------------------------------------------


def _print_report(found: Mapping[str, Any]) -> bool:
    report = found["report"]
    _print_notes(found.get("intake", {}).get("notes", []))
    if report is None:
        print("Эту посылку заменила более новая.")
        return False
    print(f"{report['message']} Результат: {found['score']:.0%}".replace("%", "\xa0%"))
    for check in report["checks"]:
        mark, of = "✓" if check["passed"] else "✗", check["max_points"]
        print(f"{mark} {check['title']} ({check['points']:g} из {of:g})")
        if not check["passed"]:
            print(f"    {check['message']}")
    if report["mistake"]:
        print("Подсказка:", report["mistake"]["hint"])
    print("Подробнее:", found["page"])
    return bool(found["verdict"] == "accepted")


def _print_notes(notes: list[dict[str, Any]]) -> None:
    for note in notes:
        print("!" if note["about"] == "warning" else "·", note["text"])
