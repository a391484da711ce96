"""The command line as a page and as a manual page, from the same source as `--help`: the application itself.

python docs/site/command_line.py markdown
python docs/site/command_line.py man > dicom-series-preview.1
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from attrs import frozen
from cyclopts import App

from dicom_series_preview.shell.cli.app import app
from dicom_series_preview.shell.cli.arguments import commands

PROGRAM: Final = "dicom-series-preview"


@frozen
class Argument:
    """One argument or option, in the words of `--help`."""

    group: str
    names: str
    kind: str
    """What its value is, "" for a flag and for what is no option."""
    words: str

    @property
    def spelled(self) -> str:
        """All its names, and what its value is."""
        return f"{self.names} {self.kind}".rstrip()


@frozen
class Command:
    """A command: `name` is "" for the one that is meant where none is named."""

    name: str
    usage: tuple[str, ...]
    summary: str
    arguments: tuple[Argument, ...]


def command_line() -> tuple[Command, ...]:
    """All commands, the one without a name first."""
    return tuple(_command(name, app[name] if name else app) for name in ("", *sorted(commands(app))))


def _command(name: str, one: App) -> Command:
    with app.app_stack([name] if name else []):  # what a command inherits is known on the way to it
        arguments = tuple(_argument(found) for found in one.assemble_argument_collection())
    names = [argument.names for argument in arguments if not argument.names.startswith("-")]
    usage = one.usage or " ".join((PROGRAM, name, "[OPTIONS]", *names))
    lines = tuple(line.strip().removeprefix("Usage: ") for line in usage.splitlines())
    return Command(name, lines, (one.help or "").splitlines()[0], arguments)


def _argument(found: Any) -> Argument:
    parameter, default = found.parameter, found.field_info.default
    option = found.names[0].startswith("-")
    flag = found.hint is bool
    kind = "" if flag or not option else _kind(found.hint)
    words = [parameter.help or ""]
    words += [f"[env var: {name}]" for name in parameter.env_var or ()]
    shown = option and not flag and default not in (None, found.field_info.empty)
    words += [f"[default: {default}]"] if shown else []
    (group,) = parameter.group
    return Argument(getattr(group, "name", str(group)), " ".join(found.names), kind, " ".join(words))


def _kind(hint: Any) -> str:
    text = hint.__name__ if isinstance(hint, type) else str(hint)
    kind = next(kind.upper() for kind in ("float", "int", "str") if kind in text)
    return f"{kind}..." if text.startswith("list[") else kind


def _groups(command: Command) -> Iterator[tuple[str, list[Argument]]]:
    for group in dict.fromkeys(argument.group for argument in command.arguments):
        yield group, [argument for argument in command.arguments if argument.group == group]


def markdown() -> str:
    """The commands as sections of a page."""
    return "\n".join(line for command in command_line() for line in _section(command))


def _section(command: Command) -> Iterator[str]:
    yield from (
        f"## {command.name or PROGRAM}",
        "",
        "```text",
        *command.usage,
        "```",
        "",
        command.summary,
        "",
    )
    for group, arguments in _groups(command):
        yield from (f"**{group}**", "")
        for one in arguments:
            yield from (f"`{one.spelled}`", f":   {_plain(one.words)}", "")


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#" else letter for letter in text)


def man() -> str:
    """The commands as one manual page (groff, section 1)."""
    first, *others = command_line()
    lines = [f'.TH {_roff(PROGRAM.upper())} 1 "" "{_roff(f"{PROGRAM} {app.version}")}"', ".SH NAME"]
    lines += [f"{_roff(PROGRAM)} \\- {_roff(first.summary)}", ".SH SYNOPSIS"]
    for usage in (usage for command in (first, *others) for usage in command.usage):
        lines += [f".B {_roff(usage)}", ".br"]
    for command in (first, *others):
        lines += [f".SH {_roff((command.name or 'preview').upper())}", _roff(command.summary)]
        for group, arguments in _groups(command):
            lines.append(f".SS {_roff(group)}")
            for one in arguments:
                kind = f" \\fI{_roff(one.kind)}\\fR" if one.kind else ""
                lines += [".TP", f"\\fB{_roff(one.names)}\\fR{kind}", _roff(one.words)]
    lines += [".SH EXIT STATUS", "0, or 1 whatever went wrong; messages go to standard error."]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    """Text that groff sets as it is: also where a line begins with what would be a request."""
    found = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{found}" if found.startswith((".", "'")) else found


if __name__ == "__main__":
    sys.stdout.write(man() if sys.argv[1:] == ["man"] else markdown())
