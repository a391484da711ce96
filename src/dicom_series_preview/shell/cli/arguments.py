"""cyclopts: words -> a command and its arguments, and all that is wrong with the words at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from difflib import get_close_matches
from inspect import BoundArguments
from itertools import pairwise
from typing import Any, Final

from attrs import field, frozen
from cyclopts import App, CoercionError, CycloptsError, MissingArgumentError, Token, UnknownOptionError
from returns.pipeline import is_successful
from returns.result import Result

from dicom_series_preview.core.faults.request import BadExtension, BadOptions, BadSeriesId, OutOfRange


@frozen
class Mistakes:
    """What is wrong with a command line as such: gathered, so that all of it is told at once."""

    messages: list[str] = field(factory=list)
    malformed: list[str] = field(factory=list)
    """Options whose values are no numbers; another number stands in for them."""
    displaced: list[str] = field(factory=list)
    """Words behind options that do not exist: perhaps their values, and not the arguments they are taken for."""
    too_many: list[str] = field(factory=list)
    """Arguments that the command does not have."""


mistakes: ContextVar[Mistakes] = ContextVar("mistakes")
"""Those of the command line that is being parsed."""

_LIKENESS: Final = 0.75  # of 1: how like another a word must be to be taken for its misspelling

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,4000}")
_REAL: Final = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE
)


def whole(_: type, tokens: Sequence[Token]) -> int:
    """A whole number; what is none becomes a mistake."""
    text = tokens[0].value
    return int(text) if _WHOLE.fullmatch(text) else _malformed(tokens[0], "a whole number")


def real(_: type, tokens: Sequence[Token]) -> float:
    """A number, which may be infinite or none (NaN); what is not even that becomes a mistake."""
    text = tokens[0].value
    return float(text) if _REAL.fullmatch(text) else _malformed(tokens[0], "a number")


def _malformed(token: Token, allowed: str) -> int:
    option = token.keyword or token.source
    found = mistakes.get()
    found.messages.append(str(OutOfRange(option, token.value, allowed)))
    found.malformed.append(option)
    return 1


_HYPHEN: Final = "\0-"
"""Stands for a single hyphen, a file's name that the parser takes for an option; no argument can hold a NUL."""


def parse(app: App, given: Sequence[str]) -> tuple[Callable[..., Any], BoundArguments]:
    """Parse a command line; what is too much in it becomes a mistake, and the rest is parsed without it."""
    words, unknown = [_HYPHEN if word == "-" else word for word in given], list[str]()
    command, bound, unused = _parse_known(app, words, unknown)
    unused = ["-" if word == _HYPHEN else word for word in unused]
    for name, value in bound.arguments.items():
        bound.arguments[name] = "-" if value == _HYPHEN else value
    plain = words[words.index("--") :] if "--" in words else ["-"]
    unknown.extend(word for word in unused if word.startswith("-") and word not in plain)
    found = mistakes.get()
    found.messages.extend(_unknown(app, word, words) for word in unknown)
    found.displaced.extend(after for word, after in pairwise(given) if word in unknown)
    found.too_many.extend(word for word in unused if word not in unknown and word not in found.displaced)
    return command, bound


def _parse_known(
    app: App, words: list[str], unknown: list[str]
) -> tuple[Callable[..., Any], BoundArguments, list[str]]:
    """Parse, also what is left over; options in the place of an argument move from `words` to `unknown`."""
    while True:
        mistakes.set(Mistakes())
        try:
            command, bound, unused, _ = app.parse_known_args(words)
        except UnknownOptionError as error:
            name = error.token.keyword or error.token.value
            word = next((word for word in words if word.partition("=")[0] == name.partition("=")[0]), None)
            if word is None:
                raise
            words.remove(word)
            unknown.append(word)
        else:
            return command, bound, unused


def misuse(error: CycloptsError) -> str:
    """What is said of words that cannot be parsed at all."""
    match error:
        case MissingArgumentError(argument=argument, keyword=keyword) if argument is not None:
            named = keyword or argument.name
            return f"{named} {'needs a value' if named.startswith('-') else 'is missing'}: see --help."
        case CoercionError(token=token) if token is not None and token.keyword is not None:
            return f"{token.keyword} takes no value, and {token.value!r} was given."
        case _:
            error.verbose = False
            return f"{error} See --help."


def _unknown(app: App, word: str, words: Sequence[str]) -> str:
    """What is said of an option that does not exist."""
    name = word.partition("=")[0]
    here = app[words[0]] if words and words[0] in commands(app) else app
    known = [name for argument in here.assemble_argument_collection() for name in argument.names]
    close = get_close_matches(name, known, 1, _LIKENESS) or [one for one in known if one.startswith(name)]
    return f"There is no option {name}. " + (
        f"Did you mean {' or '.join(close)}?" if close else "See --help."
    )


def commands(app: App) -> list[str]:
    """The names of the subcommands."""
    return [name for name in app if not name.startswith("-")]


def all_wrong(app: App, missing: Sequence[str], *checked: Result[object, BadOptions]) -> list[str]:
    """All that is wrong with the arguments, in words; `missing` are names of arguments."""
    found = mistakes.get()
    refusals = [refusal for one in checked if not is_successful(one) for refusal in one.failure().refusals]
    unsure = any(
        (isinstance(refusal, BadSeriesId) and refusal.text in found.displaced)
        or (isinstance(refusal, BadExtension) and refusal.output in found.displaced)
        for refusal in refusals
    )
    names = [refusal.text for refusal in refusals if isinstance(refusal, BadSeriesId)]
    close = [one for name in names for one in get_close_matches(name, commands(app), 1)]
    messages = list(found.messages)
    if not close:  # what follows a misspelled command are its arguments
        messages.extend(f"{word!r} is one argument too many." for word in found.too_many)
    messages.extend(f"{name} is missing: see --help." for name in missing)
    for refusal in refusals:
        match refusal:
            case BadSeriesId():
                if not unsure and "SERIESUID" not in missing:
                    messages.append(
                        f"{refusal} Did you mean the command {close[0]}?" if close else str(refusal)
                    )
            case BadExtension():
                if not unsure and not close and "OUTPUT" not in missing:
                    messages.append(str(refusal))
            case OutOfRange(option=option) if option in found.malformed or option in missing:
                continue
            case _:
                messages.append(str(refusal))
    return messages
