"""The arrows between the rooms (see `tests.rooms`), what is pure, and where each library stays."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.rooms import (
    COMMON,
    LIBRARIES,
    MODULES,
    PACKAGE,
    ROOMS,
    circle,
    imports,
    room,
    wrong_arrows,
)

ROOT = Path(__file__).parents[1]

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
    *("urllib.parse", "uuid", "hmac", "html", "html.parser", "xml.parsers", "zlib"),
}

# What may be loaded before the arguments are known to be good.
AT_ONCE = {"attrs", "returns", "cyclopts"}

# Pure modules' impure corners, and built-ins that reach outside.
IMPURE_NAMES = {"open", "print", "input", "exec", "eval", "__import__"}
IMPURE_ATTRIBUTES = {"now", "today", "utcnow", "uuid1", "uuid4", "random", "memmap", "fromfile", "tofile"}

PURE_MODULES = [name for name in MODULES if name.startswith(("core.", "phantom."))]


def _is_pure(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[: i + 1]) in PURE for i in range(len(parts)))


def test_every_room_is_on_the_map() -> None:
    assert {room(module) for module in MODULES} == set(ROOMS)


def test_the_readme_shows_the_same_rooms() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `([a-z/_]+)/` \|", text.partition("## Architecture")[2], flags=re.MULTILINE)
    assert sorted(shown) == sorted(name for name in ROOMS if name)


@pytest.mark.parametrize("module", MODULES)
def test_no_arrow_points_up(module: str) -> None:
    assert wrong_arrows(module) == []


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert circle() == []


def test_no_rooms_import_one_another_in_a_circle() -> None:
    seen: list[str] = []
    for name, targets in ROOMS.items():
        assert {target for target in targets if target != "core/*"} <= set(seen), name
        seen.append(name)


@pytest.mark.parametrize("module", PURE_MODULES)
def test_what_is_pure_imports_what_computes_and_nothing_else(module: str) -> None:
    wrong = [
        f"{MODULES[module].name}:{found.line} imports {found.name}"
        for found in imports(module)
        if found.own is None
        and not found.typing_only
        and found.name.split(".")[0] not in COMMON
        and not _is_pure(found.name)
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


@pytest.mark.parametrize("module", MODULES)
def test_a_library_stays_in_its_rooms(module: str) -> None:
    everywhere = COMMON | {PACKAGE} | sys.stdlib_module_names
    wrong = [
        f"{MODULES[module].name}:{found.line} imports {found.name}"
        for found in imports(module)
        if found.own is None
        and found.name.split(".")[0] not in everywhere | LIBRARIES.get(room(module), set())
    ]
    assert wrong == []


def test_the_start_knows_the_command_line_alone() -> None:
    assert {found.own for found in imports("__main__")} - {None, "version"} == {"shell.cli.app"}


def test_nothing_heavy_is_loaded_before_the_arguments_are_known_to_be_good() -> None:
    loaded, waiting = {"__main__"}, ["__main__", "shell.cli.app"]
    libraries: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        for found in imports(module):
            if found.late or found.typing_only:
                continue
            if found.own is None:
                libraries[found.name.split(".")[0]] = module
            elif found.own in MODULES and found.own not in loaded:
                loaded.add(found.own)
                waiting.append(found.own)
    known = AT_ONCE | {PACKAGE} | sys.stdlib_module_names
    assert {name: module for name, module in libraries.items() if name not in known} == {}


def test_the_laws_stand_by_themselves() -> None:
    borrowed = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "property_tests").rglob("*.py"))
        if re.search(r"^\s*(from|import) tests\b", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]
    assert borrowed == []
