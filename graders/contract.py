"""Does the source define what the exercise requires, with the starter's signature?

Static and free of torch, so the student can be told at once, at no cost. What cannot
be decided from the text (a name that is assigned, a decorated function, an inherited
method) is left to the run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from exercises.spec import Exercise
from graders.words import listing

Function = ast.FunctionDef | ast.AsyncFunctionDef
TRANSPARENT_BASES = ("object", "Module")  # inherit no method of a starter's


def contract_error(tree: ast.Module, exercise: Exercise) -> str | None:
    """What the source lacks, in Russian; None if nothing can be seen to be missing."""
    given, wanted = _definitions(tree), _definitions(_parsed_starter(exercise.starter))
    if not _has_star_import(tree):
        bound = _bound(tree)
        missing = [name for name in exercise.requires if name not in bound]
        if missing:
            return f"В решении не найдено определение {listing(missing)}."
    for name in exercise.requires:
        known = name in given and name in wanted
        if known and (problem := _compare(given[name], wanted[name], tree)):
            return f"{problem} Сверьтесь с заготовкой."
    return None


@lru_cache(maxsize=64)
def _parsed_starter(starter: str) -> ast.Module:
    return ast.parse(starter)


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Functions and classes of the top level; of two alike the later counts."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name: node for node in tree.body if isinstance(node, kinds)}


def _bound(tree: ast.Module) -> set[str]:
    """Every name that is bound somewhere outside functions, however."""
    names = set()
    for node in _outside_functions(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
    return names


def _outside_functions(tree: ast.Module) -> Iterator[ast.AST]:
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        yield node
        if isinstance(node, Function | ast.ClassDef):
            queue.extend(node.decorator_list)
        elif not isinstance(node, ast.Lambda):
            queue.extend(ast.iter_child_nodes(node))


def _has_star_import(tree: ast.Module) -> bool:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return any(alias.name == "*" for node in imports for alias in node.names)


def _compare(given: ast.stmt, wanted: ast.stmt, tree: ast.Module) -> str | None:
    if isinstance(wanted, ast.ClassDef):
        if not isinstance(given, ast.ClassDef):
            return f"{wanted.name} должен быть классом."
        is_whole = not _is_changed_later(given.name, tree)
        return _compare_classes(given, wanted, is_whole)
    assert isinstance(wanted, Function)
    if isinstance(given, ast.ClassDef):
        return f"{wanted.name} должна быть функцией, а не классом."
    assert isinstance(given, Function)
    return _compare_functions(given, wanted, wanted.name)


def _is_changed_later(name: str, tree: ast.Module) -> bool:
    """``Net.forward = f``, ``setattr(Net, …)``, ``@add_to_class(Net)`` and the like."""
    for node in _outside_functions(tree):
        used: list[ast.expr] = []
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            used = [node.value]
        elif isinstance(node, ast.Call):
            used = node.args
        if any(isinstance(item, ast.Name) and item.id == name for item in used):
            return True
    return False


def _compare_classes(
    given: ast.ClassDef, wanted: ast.ClassDef, is_whole: bool
) -> str | None:
    theirs, ours = _methods(given), _methods(wanted)
    for name, method in ours.items():
        full_name = f"{wanted.name}.{name}"
        if name in theirs:
            if problem := _compare_functions(theirs[name], method, full_name):
                return problem
        elif is_whole and not (_may_inherit(given) or name in _bound_in(given)):
            return f"В классе {wanted.name} нет метода {name}."
    return None


def _methods(node: ast.ClassDef) -> dict[str, Function]:
    return {item.name: item for item in node.body if isinstance(item, Function)}


def _bound_in(node: ast.ClassDef) -> set[str]:
    return _bound(ast.Module(body=node.body, type_ignores=[]))


def _may_inherit(node: ast.ClassDef) -> bool:
    # Not unparsed: that would walk the whole of a base as deep as a student likes.
    names = (getattr(base, "attr", getattr(base, "id", "")) for base in node.bases)
    return any(name not in TRANSPARENT_BASES for name in names)


def _compare_functions(given: Function, wanted: Function, name: str) -> str | None:
    """Whether every call that fits ``wanted`` fits ``given``.

    Required arguments are passed by position, so they may be renamed; arguments
    with defaults may be passed by keyword, so they may not.
    """
    if given.decorator_list:
        return None
    if isinstance(given, ast.AsyncFunctionDef):
        return f"{name} не должна быть асинхронной."
    problem = _count_problem(given.args, wanted.args) or _keyword_problem(
        given.args, wanted.args
    )
    return f"{name}({_signature(wanted)}): {problem}." if problem else None


def _count_problem(given: ast.arguments, wanted: ast.arguments) -> str | None:
    required = len(_positional(wanted)) - len(wanted.defaults)
    accepts = len(_positional(given))
    demands = accepts - len(given.defaults)
    if accepts < required and not given.vararg:
        return f"нужно обязательных аргументов: {required}, а принимается {accepts}"
    if demands > required:
        return f"обязательных аргументов должно быть {required}, а не {demands}"
    extra = [
        argument.arg
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        if default is None
    ]
    if extra:
        return f"лишний обязательный аргумент {listing(extra)}"
    return None


def _keyword_problem(given: ast.arguments, wanted: ast.arguments) -> str | None:
    if given.kwarg:
        return None
    optional = _positional(wanted)[len(_positional(wanted)) - len(wanted.defaults) :]
    names = [argument.arg for argument in (*optional, *wanted.kwonlyargs)]
    required = len(_positional(wanted)) - len(wanted.defaults)
    free = (*_positional(given)[required:], *given.kwonlyargs)
    accepted = {argument.arg for argument in free} - {a.arg for a in given.posonlyargs}
    missing = [name for name in names if name not in accepted]
    return f"не принимается аргумент {listing(missing)}" if missing else None


def _positional(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args]


def _signature(function: Function) -> str:
    names = _positional(function.args) + function.args.kwonlyargs
    return ", ".join(argument.arg for argument in names)
