"""Forbidden names, however they are spelt."""

from __future__ import annotations

import ast

import pytest

from graders.policy import violations

PATTERNS = ("torch.nn.functional.conv*", "torch.nn.Conv*", "torch.optim")


def found(source: str) -> list[str]:
    return [violation.name for violation in violations(ast.parse(source), PATTERNS)]


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.nn.functional.conv2d(x, w)",
        "import torch.nn.functional as F\nF.conv2d(x, w)",
        "from torch.nn import functional as F\nF.conv1d",
        "from torch.nn.functional import conv2d",
        "from torch.nn.functional import conv2d as c\nc(x)",
        "from torch.nn.functional import *",
        "from torch import nn\nclass A(nn.Conv2d): pass",
        "import torch\nF = torch.nn.functional\nf = F.conv2d",
        "import torch\ngetattr(torch.nn.functional, 'conv2d')(x)",
        "import torch\ngetattr(torch.nn.functional, 'con' + 'v2d')(x)",
        "import importlib\nF = importlib.import_module('torch.nn.functional')",
        "F = __import__('torch').nn.functional",
        "import sys\nF = sys.modules['torch'].nn.functional",
        "eval('torch.nn.functional.conv2d')",
        "import torch.optim",
        "from torch import optim",
        "from torch.optim import Adam",
        "from torch.optim.adam import Adam",
        "import torch\ntorch.optim.Adam(params)",
        "import torch\ntorch.ops.aten.convolution",
        "def f():\n    from torch.nn.functional import conv2d as g\n    return g",
    ],
)
def test_a_forbidden_name_is_found(source: str) -> None:
    assert found(source)


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ntorch.nn.functional.pad(x, (1, 1))",
        "import torch.nn.functional as F\nF.relu(x)",
        "def conv2d(x): return x\nconv2d(1)",
        "class A:\n    def conv2d(self): pass\nA().conv2d()",
        "model.eval()",
        "optim = 3",
        "getattr(self, name)",
        "from math import *",
        "# F.conv2d\n'torch.nn.functional.conv2d'",
    ],
)
def test_an_innocent_name_is_left_alone(source: str) -> None:
    assert found(source) == []


def test_the_name_and_the_line_are_told() -> None:
    tree = ast.parse("import torch.nn.functional as F\n\ny = F.conv2d(x, w)")
    assert str(violations(tree, PATTERNS)[0]) == (
        "Строка 3: в этом задании нельзя использовать torch.nn.functional.conv2d."
    )


@pytest.mark.parametrize(
    "source",
    [
        "import torch as x\nx" + ".a" * 2000,
        "import torch\n" + "getattr(" * 80 + "torch" + ", 'a')" * 80,
        "import torch\na = torch._C\n" + "a = a.x\n" * 3000,
        "import torch\na = torch._C." + "x" * 100_000 + "\n" + "a.b\n" * 100,
    ],
    ids=["chain", "calls", "aliases", "long name"],
)
def test_names_as_long_as_a_student_likes_are_not_followed(source: str) -> None:
    assert all(len(name) <= 200 for name in found(source))


def test_nothing_is_forbidden_where_nothing_is_listed() -> None:
    assert violations(ast.parse("import importlib\neval('1')"), ()) == []
