"""Who may import whom, read from the source itself.

Every module has one line in a table below: a new module is a decision, and gets its line here and in the
README.  Within the core and within the shell, a module imports only from tiers above its own line, never
from its own tier or from below; the shell may import any of the core, and the core nothing of the shell.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from attrs import frozen

PACKAGE = "dicom_series_preview"
SOURCE = Path(__file__).parents[1] / "src" / PACKAGE

# The core, in tiers: each imports from those above it alone.
CORE: tuple[dict[str, str], ...] = (
    {
        "errors": "every refusal as data, and its words",
        "elements": "element values as plain data",
        "geometry": "vectors, axes and tolerances",
        "readahead": "reading headers without I/O",
        "batch.row": "what became of a series in a batch",
    },
    {
        "roots": "storage roots",
        "pixelformat": "the Image Pixel module as a value",
        "palette": "palette colours",
        "groups": "functional groups of one frame",
        "timekeys": "what tells instances at one position apart",
        "greyscale": "modality LUT, window and VOI LUT as values",
        "selection": "which indices",
        "dicomjson": "elements in the DICOM JSON model",
    },
    {
        "identify": "series identifiers",
        "codestream": "the head of a compressed frame",
        "encapsulation": "where the frames lie",
        "samples": "stored bytes to sample values",
        "instances": "objects and frames as values",
        "layout": "grid, tile and canvas rectangles",
        "windowing": "presets, windows and auto windows; values to 8 bit",
        "cells": "an element as the cell of a table",
    },
    {
        "ordering": "axis, stacks, reading order",
        "headers": "element values to instances and frames",
        "sharing": "equal parts of many headers, held once",
        "viewable": "what of a series can be shown",
        "request": "what was asked for, validated",
        "compose": "tiles and layout to a canvas",
        "columns": "which cells make a column, of which type",
    },
    {
        "plan": "request and series to what to read and what to make of it",
        "indexrequest": "which index was asked for, validated",
        "survey": "what is noteworthy about a series",
    },
    {
        "rendering": "a decoded picture to what is shown of it",
        "index": "a series as rows and columns",
    },
    {
        "indexed": "rows and columns as a series",
    },
)

# The demo's person, in tiers, as pure as the core.
PHANTOM: tuple[dict[str, str], ...] = (
    {
        "anatomy": "the body as tables",
        "glyphs": "letters and digits as bitmaps",
    },
    {
        "shapes": "ellipsoids, rods and plates painted into a slice",
    },
    {
        "slices": "the slices of the body, with their marks",
    },
)

# The shell, in tiers; each module with the libraries that it alone may import.
SHELL: tuple[dict[str, set[str]], ...] = (
    {
        "faults": set(),
        "credentials": set(),
        "region": set(),
        "progress": {"rich"},
        "raster": {"PIL"},
        "encode": {"PIL"},
        "jpeg": {"PIL"},
        "second": {"pydicom"},
        "dicom": {"pydicom"},
        "idc": {"pyarrow"},
    },
    {
        "store": set(),
        "workers": set(),
        "files": set(),
        "edge": set(),
        "refusals": set(),
        "demo": {"pydicom"},
        "table": {"pyarrow"},
        "headertable": {"pydicom"},
        "codecs": {"pydicom", "imagecodecs", "openjpeg"},
    },
    {
        "folder": set(),
        "objects": {"obstore"},
        "weblist": set(),
        "webclient": set(),
        "pixels": set(),
    },
    {
        "web": set(),
        "picture": set(),
        "locate": set(),
    },
    {
        "reading": set(),
        "output": set(),
        "indexfile": set(),
    },
    {
        "source": set(),
    },
    {
        "indexed": set(),
        "series": set(),
        "render": set(),
    },
    {
        "arguments": {"cyclopts"},
        "run": set(),
        "build": set(),
    },
    {
        "cli": {"cyclopts"},
    },
)

# Arrows that point the other way, from inside a function: a door that picks one of several implementations.
LATE: dict[str, set[str]] = {
    "shell.store": {"shell.folder", "shell.objects", "shell.web"},
}

COMMON = {"attrs", "numpy", "returns"}

# What of the standard library computes and nothing else.
PURE = {
    *(
        "__future__",
        "base64",
        "bisect",
        "collections",
        "datetime",
        "enum",
        "fractions",
        "functools",
        "hashlib",
    ),
    *("itertools", "json", "math", "operator", "re", "statistics", "string", "struct", "types", "typing"),
    *("urllib.parse", "uuid"),
}

# What may be loaded before the arguments are known to be good.
AT_ONCE = {"attrs", "returns", "cyclopts"}

# Pure modules' impure corners, and built-ins that reach outside.
IMPURE_NAMES = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_ATTRIBUTES = {"now", "today", "utcnow", "uuid1", "uuid4", "random", "memmap", "fromfile", "tofile"}


@frozen
class Import:
    """One import as written: the full name of what is imported, and where; `late` ones wait for a call."""

    name: str
    line: int
    late: bool
    typing_only: bool


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


MODULES = {_module_name(path): path for path in sorted(SOURCE.rglob("*.py")) if path.name != "__init__.py"}
PURE_MODULES = [name for name in MODULES if name.startswith(("core.", "phantom."))]
SHELL_MODULES = [name for name in MODULES if name.startswith("shell.")]


def _below(tree: ast.Module, which: Callable[[ast.AST], bool]) -> set[int]:
    return {id(node) for top in ast.walk(tree) if which(top) for node in ast.walk(top)}


def _is_typing_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imports(module: str) -> Iterator[Import]:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    inside = _below(tree, lambda node: isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    typing_only = _below(tree, _is_typing_block)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
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


def _own(imported: Import) -> str | None:
    """The module of this package that is imported, as in the tables, or None."""
    found = imported.name.removeprefix(f"{PACKAGE}.")
    return None if found == imported.name else found


def _is_pure(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[: i + 1]) in PURE for i in range(len(parts)))


def _tiers() -> dict[str, int]:
    rooms: dict[str, Sequence[Mapping[str, object]]] = {"core": CORE, "phantom": PHANTOM, "shell": SHELL}
    return {
        f"{room}.{name}": height + (100 if room == "shell" else 0)
        for room, tiers in rooms.items()
        for height, tier in enumerate(tiers)
        for name in tier
    }


def _libraries(module: str) -> set[str]:
    return {library for tier in SHELL for library in tier.get(module.removeprefix("shell."), set())}


def test_every_module_has_its_line_and_every_line_its_module() -> None:
    assert sorted(_tiers()) == sorted([*PURE_MODULES, *SHELL_MODULES])


@pytest.mark.parametrize("module", [*PURE_MODULES, *SHELL_MODULES])
def test_arrows_point_up_the_table(module: str) -> None:
    tiers = _tiers()
    own = [(imported, _own(imported)) for imported in _imports(module)]
    wrong = [
        f"{MODULES[module].name}:{imported.line} imports {name}"
        for imported, name in own
        if name is not None
        and not (imported.late and name in LATE.get(module, set()))
        and tiers.get(name, 0) >= tiers.get(module, 999)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", PURE_MODULES)
def test_the_core_and_the_phantom_do_not_meet(module: str) -> None:
    rooms = {name.split(".")[0] for name in map(_own, _imports(module)) if name is not None}
    assert rooms <= {module.split(".")[0]}


@pytest.mark.parametrize("module", PURE_MODULES)
def test_what_is_pure_imports_what_computes_and_nothing_else(module: str) -> None:
    wrong = [
        f"{MODULES[module].name}:{imported.line} imports {imported.name}"
        for imported in _imports(module)
        if _own(imported) is None
        and imported.name.split(".")[0] not in COMMON
        and not _is_pure(imported.name)
    ]
    assert wrong == []


@pytest.mark.parametrize("module", PURE_MODULES)
def test_what_is_pure_asks_nobody_for_the_time_or_for_chance(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in IMPURE_NAMES]
    corners = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in IMPURE_ATTRIBUTES
    ]
    assert [(node.id, node.lineno) for node in names] == []
    assert [(node.attr, node.lineno) for node in corners] == []


@pytest.mark.parametrize("module", SHELL_MODULES)
def test_a_library_stays_in_its_modules(module: str) -> None:
    allowed = COMMON | {PACKAGE} | _libraries(module)
    wrong = [
        f"{MODULES[module].name}:{imported.line} imports {imported.name}"
        for imported in _imports(module)
        if _own(imported) is None and imported.name.split(".")[0] not in allowed | sys.stdlib_module_names
    ]
    assert wrong == []


def test_the_start_knows_the_command_line_alone() -> None:
    assert {_own(imported) for imported in _imports("__main__")} - {None} == {"shell.cli"}


def test_nothing_heavy_is_loaded_before_the_arguments_are_known_to_be_good() -> None:
    loaded, waiting = {"__main__"}, ["__main__", "shell.cli"]
    libraries: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        for imported in _imports(module):
            own = _own(imported)
            if imported.late or imported.typing_only:
                continue
            if own is None:
                libraries[imported.name.split(".")[0]] = module
            elif own not in loaded:
                loaded.add(own)
                waiting.append(own)
    known = AT_ONCE | {PACKAGE} | sys.stdlib_module_names
    assert {name: module for name, module in libraries.items() if name not in known} == {}


def test_only_the_decoders_join_several_libraries() -> None:
    several = {name for tier in SHELL for name, libraries in tier.items() if len(libraries) > 1}
    assert several == {"codecs"}
