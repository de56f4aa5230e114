"""Question types by the name that a file uses."""

from __future__ import annotations

from quizsite.quizzes.types.base import Body
from quizsite.quizzes.types.choice import MultipleBody, SingleBody
from quizsite.quizzes.types.code_output import CodeOutputBody
from quizsite.quizzes.types.formula import FormulaBody
from quizsite.quizzes.types.matching import MatchingBody
from quizsite.quizzes.types.numeric import NumericBody
from quizsite.quizzes.types.open import OpenBody
from quizsite.quizzes.types.ordering import OrderingBody
from quizsite.quizzes.types.parsons_file import ParsonsBody
from quizsite.quizzes.types.shape import ShapeBody
from quizsite.quizzes.types.text import TextBody
from quizsite.quizzes.types.vector import SetBody, VectorBody

BODIES: dict[str, type[Body]] = {
    body.type: body
    for body in (
        SingleBody,
        MultipleBody,
        NumericBody,
        VectorBody,
        SetBody,
        FormulaBody,
        TextBody,
        ShapeBody,
        MatchingBody,
        OrderingBody,
        ParsonsBody,
        CodeOutputBody,
        OpenBody,
    )
}
