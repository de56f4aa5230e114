"""A contract type for import-linter: direct imports are limited to an allow-list.

import-linter's own types forbid named modules; these rules are the other way round.
"""

from __future__ import annotations

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _inside(module: str, packages: list[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in packages)


class AllowedImports(Contract):
    """``source_modules`` may import ``allowed_modules`` and the standard library.

    With ``judged_packages`` only imports of those packages are looked at.
    """

    type_name = "allowed"

    source_modules = fields.ListField(subfield=fields.StringField())
    allowed_modules = fields.ListField(subfield=fields.StringField())
    judged_packages = fields.ListField(subfield=fields.StringField(), required=False)
    except_modules = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = [
            (module, imported)
            for module in sorted(graph.modules)
            if self._is_source(module)
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if not self._is_allowed(imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, imported in check.metadata["broken"]:
            output.print_error(f"{module} imports {imported}", bold=False)

    def _is_source(self, module: str) -> bool:
        excepted = _inside(module, self.except_modules or [])
        return _inside(module, self.source_modules) and not excepted

    def _is_allowed(self, imported: str) -> bool:
        if self.judged_packages and not _inside(imported, self.judged_packages):
            return True
        standard = imported.split(".")[0] in sys.stdlib_module_names
        return standard or _inside(imported, self.allowed_modules)
