"""Runs a solution on cases of an exercise, without the site: ``python replay.py``.

Reads ``cases.json``, ``cases.safetensors``, ``probe.py`` and ``solution.py`` (or the
file that is named) from its own folder. Needs Python 3.9 and torch; the comparison
itself is in ``comparing.py``. The solution runs here as any program does: without a
sandbox and without limits.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

try:
    import torch
    from torch import Tensor
except ImportError:
    sys.exit("Нужен PyTorch: pip install torch")

# Beside this file, or in the same archive: there is no package around them there.
from comparing import Shaped, difference  # type: ignore[import-not-found]

DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16,
    "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32,
    "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
UNCHECKED = {
    "properties": "свойства ответа",
    "time": "время",
    "size": "размер промежуточных тензоров",
}
NOT_OF_THE_SOLUTION = ("replay.py", "probe.py", "witness.py")
Probe = Callable[[Any, Mapping[str, Any]], Any]


# --- reading ------------------------------------------------------------------


def read_tensors(blob: bytes) -> dict[str, Tensor]:
    """Tensors of a safetensors file: a JSON header, then the numbers."""
    start = 8 + int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8:start])
    header.pop("__metadata__", None)
    data = memoryview(blob)[start:]
    return {name: _tensor(data, entry) for name, entry in header.items()}


def _tensor(data: memoryview, entry: Mapping[str, Any]) -> Tensor:
    first, end = entry["data_offsets"]
    dtype = DTYPES[entry["dtype"]]
    if first == end:
        return torch.empty(entry["shape"], dtype=dtype)
    numbers = bytearray(data[first:end])
    return torch.frombuffer(numbers, dtype=dtype).reshape(entry["shape"])


def value(node: Any, tensors: Mapping[str, Tensor]) -> Any:
    """A fresh value of what ``cases.json`` says; see graders/bundle.py."""
    if not isinstance(node, list):
        return node
    tag, *rest = node
    if tag in ("l", "t"):
        items = [value(item, tensors) for item in rest[0]]
        return items if tag == "l" else tuple(items)
    if tag == "d":
        return {key: value(item, tensors) for key, item in rest[0]}
    if tag == "T":
        return laid_out(tensors[str(rest[0])], rest[1])
    if tag == "S":
        return Shaped(*rest)
    return float(rest[0]) if tag == "f" else complex(*rest)


def laid_out(stored: Tensor, layout: Mapping[str, Any]) -> Tensor:
    """A copy with the strides that the site's own input has."""
    tensor = stored.clone()
    if layout.get("complex"):
        tensor = torch.view_as_complex(tensor)
    if "stride" in layout:
        tensor = tensor.as_strided(layout["size"], layout["stride"])
    return tensor.requires_grad_() if layout.get("grad") else tensor


# --- running ------------------------------------------------------------------


class Bundle:
    """Cases, their tensors, and how a solution is asked."""

    def __init__(self, cases: str, tensors: bytes, probe: Probe) -> None:
        self.content = json.loads(cases)
        self.tensors = read_tensors(tensors)
        self.probe = probe

    def check(self, solution: Any) -> bool:
        """Run every case, print what came of it; whether all are right."""
        self._tell_of_versions()
        missing = [n for n in self.content["requires"] if not hasattr(solution, n)]
        if missing:
            print("Не определено:", ", ".join(missing))
            return False
        passed = [self._check(solution, check) for check in self.content["checks"]]
        print(f"Пройдено проверок: {sum(passed)} из {len(passed)}.", self._rest())
        return all(passed)

    def _tell_of_versions(self) -> None:
        theirs, ours = self.content["made_with"]["torch"], torch.__version__
        if theirs.split(".")[:2] != ours.split(".")[:2]:
            print(f"На сайте torch {theirs}, здесь {ours}: возможны расхождения.")

    def _check(self, solution: Any, check: Mapping[str, Any]) -> bool:
        problems = [(c["number"], self.problem(solution, c)) for c in check["cases"]]
        failed = [(number, text) for number, text in problems if text]
        print("✗" if failed else "✓", f"{check['title']}: ", end="")
        if failed:
            number, text = failed[0]
            print(f"не пройдено случаев: {len(failed)} из {len(problems)}.")
            print(f"    Случай {number + 1}: {text}")
        else:
            free = any("properties" in case["unchecked"] for case in check["cases"])
            word = "форма ответа верна" if free else "верно"
            print(f"{word}, случаев: {len(problems)}.")
        if check["left_out"]:
            print(f"    Слишком велики и не вошли в архив: {check['left_out']}.")
        return not failed

    def problem(self, solution: Any, case: Mapping[str, Any]) -> str | None:
        """What is wrong with the solution's answer to one case."""
        try:
            came = self.probe(solution, value(case["inputs"], self.tensors))
        except (Exception, SystemExit) as error:
            if type(error).__name__ in case["raises"]:
                return None
            return told(error)
        if case["raises"]:
            return f"ожидалось исключение {' или '.join(case['raises'])}, его нет."
        expected = value(case["expected"], self.tensors)
        found: str | None = difference(came, expected, case)
        return found

    def _rest(self) -> str:
        """What only the site can tell."""
        cases = (case for check in self.content["checks"] for case in check["cases"])
        kinds = sorted({kind for case in cases for kind in case["unchecked"]})
        names = [*(UNCHECKED.get(kind, kind) for kind in kinds), "запрещённые функции"]
        return f"Здесь не проверяется: {', '.join(names)}."


def told(error: BaseException) -> str:
    """The exception, and the last line of the solution on its way."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.endswith(NOT_OF_THE_SOLUTION)]
    own = [f for f in own if "site-packages" not in f.filename]
    where = f" (строка {own[-1].lineno}: {own[-1].line})" if own else ""
    return f"исключение {type(error).__name__}: {error}{where}"


def load(path: Path) -> ModuleType:
    """Execute a file as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def main(argv: list[str]) -> int:
    """0: every answer is right; 1: not; 2: there is nothing to run."""
    folder = Path(__file__).resolve().parent
    solution = Path(argv[1]) if len(argv) > 1 else folder / "solution.py"
    cases = folder / "cases.json"
    for needed in (cases, solution):
        if not needed.exists():
            print(f"Нет файла {needed}.")
            return 2
    tensors = (folder / "cases.safetensors").read_bytes()
    probe = load(folder / "probe.py").run
    bundle = Bundle(cases.read_text(encoding="utf-8"), tensors, probe)
    print(bundle.content["title"])
    try:
        loaded = load(solution)
    except (Exception, SystemExit) as error:
        print("Решение не загрузилось:", told(error))
        return 1
    return 0 if bundle.check(loaded) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
