"""The allow-list contract refuses what it is there to refuse."""

from __future__ import annotations

from grimp import ImportGraph

from tests.ops.contracts import AllowedImports


def broken(imports: list[tuple[str, str]], **options: object) -> list[tuple[str, str]]:
    graph = ImportGraph()
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    contract = AllowedImports("name", {}, options)
    return contract.check(graph, verbose=False).metadata["broken"]


RUNNER = {
    "source_modules": ["graders.runner"],
    "allowed_modules": ["graders.runner", "torch"],
}
SITE = {
    "source_modules": ["quizsite"],
    "judged_packages": ["graders"],
    "allowed_modules": ["graders.verdicts"],
}


def test_allowed_modules_their_children_and_the_standard_library_pass() -> None:
    imports = [
        ("graders.runner.zygote", "os"),
        ("graders.runner.zygote", "torch"),
        ("graders.runner.zygote", "graders.runner.isolate"),
        ("graders.pipeline", "django"),
    ]
    assert broken(imports, **RUNNER) == []


def test_anything_else_is_refused() -> None:
    imports = [
        ("graders.runner.zygote", "graders.report"),
        ("graders.runner", "requests"),
    ]
    assert set(broken(imports, **RUNNER)) == set(imports)


def test_a_longer_name_is_not_a_child() -> None:
    imports = [("graders.runner", "torchvision")]
    assert broken(imports, **RUNNER) == imports


def test_only_the_judged_packages_are_looked_at() -> None:
    imports = [
        ("quizsite.views", "django"),
        ("quizsite.views", "graders.verdicts"),
        ("quizsite.views", "graders.pipeline"),
    ]
    assert broken(imports, **SITE) == [("quizsite.views", "graders.pipeline")]


def test_excepted_modules_may_do_it() -> None:
    options = {**SITE, "except_modules": ["quizsite.views"]}
    assert broken([("quizsite.views", "graders.pipeline")], **options) == []
