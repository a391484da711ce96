"""The rooms of the package, and who may import whom: `python -m tests.rooms` prints the map as it is.

It fails on an import that no line below allows, and on files of one room that import one another in a circle.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

from attrs import frozen

PACKAGE: Final = "dicom_series_preview"
SOURCE: Final = Path(__file__).parents[1] / "src" / PACKAGE

GROUND: Final = ("core", "core/faults")

# A room is a folder; it may import what lies in the rooms named here, and in itself.
ROOMS: Final[Mapping[str, tuple[str, ...]]] = {
    "core/faults": (),
    "core": ("core/faults",),
    "core/ask": (*GROUND,),
    "core/header": (*GROUND,),
    "core/order": (*GROUND, "core/header"),
    "core/choose": (*GROUND, "core/ask", "core/header", "core/order"),
    "core/pixels": (*GROUND, "core/header"),
    "core/dicomweb": (*GROUND, "core/ask", "core/header", "core/pixels"),
    "core/show": (*GROUND, "core/ask", "core/header", "core/order", "core/choose", "core/pixels"),
    "core/index": (*GROUND, "core/ask", "core/header", "core/order", "core/choose"),
    "core/batch": (*GROUND, "core/ask"),
    "core/page": (*GROUND, "core/batch"),
    "core/storage": (*GROUND, "core/ask"),
    "phantom": ("core/show",),
    "shell": ("core/*",),
    "shell/storage": ("core/*", "shell"),
    "shell/dicom": ("core/*", "shell"),
    "shell/outputs": ("core/*", "shell"),
    "shell/sources": ("core/*", "shell", "shell/storage", "shell/dicom"),
    "shell/run": (
        *("core/*", "phantom", "shell"),
        *("shell/storage", "shell/dicom", "shell/sources", "shell/outputs"),
    ),
    "shell/batch": ("core/*", "shell", "shell/storage", "shell/outputs", "shell/run"),
    "shell/page": ("core/*", "shell", "shell/outputs", "shell/batch"),
    "shell/cli": ("core/*", "shell", "shell/run", "shell/batch", "shell/page"),
    "": (
        *("core/*", "shell", "shell/sources", "shell/outputs", "shell/run"),
        *("shell/batch", "shell/page", "shell/cli"),
    ),
}

# The libraries that each room may import, beside those that all may.
COMMON: Final = {"attrs", "numpy", "returns"}
LIBRARIES: Final[Mapping[str, set[str]]] = {
    "shell": {"rich", "pyarrow"},
    "shell/storage": {"obstore", "pyarrow"},
    "shell/dicom": {"pydicom", "imagecodecs", "openjpeg", "gdcm", "PIL"},
    "shell/outputs": {"PIL", "av"},
    "shell/run": {"pydicom"},
    "shell/batch": {"pyarrow", "rich", "distributed"},
    "shell/cli": {"cyclopts"},
}


@frozen
class Import:
    """One import as written: the full name of what is imported, and where; `late` ones wait for a call."""

    name: str
    line: int
    late: bool
    typing_only: bool

    @property
    def own(self) -> str | None:
        """The module of this package that is imported, None for others."""
        found = self.name.removeprefix(f"{PACKAGE}.")
        return None if found == self.name else found


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


MODULES: Final = {
    _module_name(path): path
    for path in sorted(SOURCE.rglob("*.py"))
    if path.name != "__init__.py" or path.parent == SOURCE
}


def room(module: str) -> str:
    """The folder a module lies in, "" for the package's own."""
    return "/".join(module.split(".")[:-1])


def _below(tree: ast.Module, which: Callable[[ast.AST], bool]) -> set[int]:
    return {id(node) for top in ast.walk(tree) if which(top) for node in ast.walk(top)}


def _is_typing_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(module: str) -> Iterator[Import]:
    """All imports of a module, wherever they stand."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    inside = _below(tree, lambda node: isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    typing_only = _below(tree, _is_typing_block)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _imported_names(module, node):
                yield Import(name, node.lineno, id(node) in inside, id(node) in typing_only)


def _imported_names(module: str, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    parents = [PACKAGE, *module.split(".")][: -node.level] if node.level else []
    base = ".".join([*parents, *([node.module] if node.module else [])])
    for alias in node.names:
        whole = f"{base}.{alias.name}"
        yield whole if whole.removeprefix(f"{PACKAGE}.") in MODULES else base


def allowed(importer: str, imported: str) -> bool:
    """Whether files of one room may import those of another."""
    wanted = ROOMS.get(importer, ())
    return imported == importer or imported in wanted or ("core/*" in wanted and imported.startswith("core"))


def wrong_arrows(module: str) -> list[str]:
    """The imports of a module that no line of `ROOMS` allows."""
    return [
        f"{module}:{found.line} imports {found.own}"
        for found in imports(module)
        if found.own is not None and found.own != "version" and not allowed(room(module), room(found.own))
    ]


def circle() -> list[str]:
    """Modules that import one another in a circle, if only for the names of types; empty if none do."""
    graph = {module: {found.own for found in imports(module) if found.own in MODULES} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def main() -> int:
    """Print the map, with the number of imports on each arrow."""
    for name in ROOMS:
        files = [module for module in MODULES if room(module) == name]
        arrows: dict[str, int] = {}
        for module in files:
            for found in imports(module):
                if found.own is not None and room(found.own) != name:
                    arrows[room(found.own)] = arrows.get(room(found.own), 0) + 1
        print(f"{name or '.'} ({len(files)} files)")
        print(*(f"    -> {target or '.'} {count}" for target, count in sorted(arrows.items())), sep="\n")
    wrong = [line for module in MODULES for line in wrong_arrows(module)]
    around = circle()
    print(*wrong, *([f"circle: {' -> '.join(around)}"] if around else []), sep="\n")
    return 1 if wrong or around else 0


if __name__ == "__main__":
    sys.exit(main())
