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
        "import torch\nA = B = torch.nn.functional\nA.conv2d(x, w)",
        "import torch\nA = B = torch.nn.functional\nB.conv2d(x, w)",
        "import torch\nF, y = torch.nn.functional, 1\nF.conv2d(x, w)",
        "import torch\nF: object = torch.nn.functional\nF.conv2d(x, w)",
        "import torch\nif F := torch.nn.functional:\n    F.conv2d(x, w)",
        "import torch\n(F := torch.nn.functional).conv2d(x, w)",
        "import torch\ndef f(x, F=torch.nn.functional): return F.conv2d(x)",
        "import torch\ndef f(x, *, F=torch.nn.functional): return F.conv2d(x)",
        "import torch\nfor F in [torch.nn.functional]: F.conv2d(x)",
        "import torch\n[F.conv2d(x) for F in (torch.nn.functional,)]",
        "import torch\nclass A:\n    def __init__(self):\n"
        "        self.F = torch.nn.functional\n"
        "    def f(self): return self.F.conv2d(x)",
        "import torch\ntorch.nn.functional.__dict__['conv2d'](x)",
        "import torch\nfrom operator import attrgetter\n"
        "attrgetter('nn.functional.conv2d')(torch)(x)",
        "import operator\nimport torch\n"
        "operator.attrgetter('conv2d')(torch.nn.functional)",
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
        "self.conv2d = 3\nself.conv2d(x)",
        "from operator import attrgetter\nsorted(y, key=attrgetter('optim'))",
        "a, b = 1, 2\nfor a in (1, 2): a.conv2d\ndef f(x=1, *, y): x.conv2d",
    ],
)
def test_an_innocent_name_is_left_alone(source: str) -> None:
    assert found(source) == []


def test_the_name_and_the_line_are_told() -> None:
    tree = ast.parse("import torch.nn.functional as F\n\ny = F.conv2d(x, w)")
    found = violations(tree, PATTERNS)[0]
    assert found.line == 3
    assert str(found) == (
        "в этом задании нельзя использовать torch.nn.functional.conv2d."
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
