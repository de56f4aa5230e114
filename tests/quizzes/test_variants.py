from __future__ import annotations

import json
import subprocess
import sys

from quizsite.quizzes.dice import Dice
from quizsite.quizzes.stored import stored_question
from tests.quizzes.conftest import CODE, EVERY, NUMBER, SINGLE

SEED = bytes(range(16))


def test_a_variant_is_a_pure_function_of_question_and_seed(read):
    for spec in read(*EVERY).questions:
        first, second = spec.variant(SEED), spec.variant(SEED)
        assert first.values == second.values
        assert first.drawn == second.drawn
        assert first.text == second.text


def test_a_variant_does_not_depend_on_the_process(one):
    question = one(NUMBER)
    code = (
        "import json, sys, django; from django.conf import settings;"
        "settings.configure(USE_I18N=False); django.setup();"
        "from quizsite.quizzes.stored import stored_question;"
        "q = stored_question(sys.argv[1], json.loads(sys.argv[2]));"
        "print(q.digest, dict(q.variant(7).values))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, question.digest, json.dumps(question.raw)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "5", "PYTHONPATH": "."},
    )
    assert ran.stdout.split(maxsplit=1) == [
        question.digest,
        f"{dict(question.variant(7).values)}\n",
    ]


def test_known_draws_stay_what_they_were():
    # Changing these changes every variant that anybody has under way.
    dice = Dice.of("digest", b"seed")
    assert [dice.below(10, str(n)) for n in range(8)] == [3, 5, 5, 0, 9, 3, 8, 1]
    assert dice.shuffled("abcdef", "x") == ["f", "b", "d", "e", "a", "c"]


def test_seeds_and_versions_give_different_variants(one):
    question = one(NUMBER)
    assert len({str(question.variant(seed).values) for seed in range(40)}) > 20
    other = one(NUMBER.replace("Вычитаем", "Отнимаем"))
    assert question.digest != other.digest
    seeds = range(20)
    ours = [question.variant(seed).values for seed in seeds]
    assert ours != [other.variant(seed).values for seed in seeds]


def test_the_order_of_keys_changes_nothing(one):
    turned = NUMBER.replace(
        "params: {a: {int: [1, 9]}, b: {int: [1, 9]}}",
        "params: {b: {int: [1, 9]}, a: {int: [1, 9]}}",
    )
    assert one(turned).digest == one(NUMBER).digest
    assert one(turned).variant(3).values == one(NUMBER).variant(3).values


def test_a_stored_question_gives_the_same_variants(read):
    for spec in read(*EVERY).questions:
        stored = stored_question(spec.digest, spec.raw)
        assert stored.variant(SEED).drawn == spec.variant(SEED).drawn


def test_requirements_hold_in_every_variant(one):
    question = one(NUMBER)
    for seed in range(100):
        values = question.variant(seed).values
        assert values["a"] != values["b"]


def test_options_are_shuffled_and_their_ids_give_nothing_away(one):
    question = one(SINGLE)
    keys = {question.variant(seed).key for seed in range(60)}
    assert keys == {"1", "2", "3"}


def test_shuffling_can_be_switched_off(one):
    question = one(SINGLE + "shuffle: false\n")
    assert {question.variant(seed).key for seed in range(20)} == {"1"}


def test_dice_are_fair():
    counts = [0] * 6
    for seed in range(3000):
        counts[Dice.of("d", seed.to_bytes(2, "big")).below(6, "x")] += 1
    # 5 sigma: 3000/6 ± 5·√(3000·1/6·5/6)
    assert all(abs(count - 500) < 102 for count in counts)


def test_numbers_fit_their_place(one):
    question = one(
        NUMBER.replace(
            "text: Сколько будет $@{a} - @{b}$?",
            'text: "Проза @{1/2}, $x=@{1/2}$, `x = @{1/2}`, $y @{-3|+}$, @{1/3|2}"',
        )
    )
    html = question.variant(1).text
    assert "Проза 0,5, " in html
    assert "x=0{,}5" in html
    assert "x = 0.5" in html
    assert "y - 3" in html
    assert "0,33" in html


def test_code_is_written_as_code(one):
    variant = one(CODE).variant(2)
    assert f"torch.tensor([{variant.values['k']}., 0.])" in variant.drawn.code
