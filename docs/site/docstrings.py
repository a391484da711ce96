"""A Griffe extension: examples in docstrings become code, and a class of values tells what it is made from."""

from __future__ import annotations

import inspect
import re
from typing import Any, Final

import attrs
import griffe

import dicom_series_preview

_EXAMPLE: Final = re.compile(r"(?:^>>> .*\n?(?:^(?!>>> |\s*$).*\n?)*)+", re.MULTILINE)


class Docstrings(griffe.Extension):
    """Puts a fence around every run of examples, and above a public class of values how it is called."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of an object that has one."""
        if obj.docstring is None:
            return
        words = _EXAMPLE.sub(lambda found: f"```pycon\n{found[0].rstrip()}\n```\n", obj.docstring.value)
        call = _call(obj.name) if obj.is_class else ""
        obj.docstring.value = f"{call}{words}"


def _call(name: str) -> str:
    """The fields of a public class as its constructor takes them, which are those that its values have."""
    made = getattr(dicom_series_preview, name) if name in dicom_series_preview.__all__ else None
    if not (isinstance(made, type) and attrs.has(made)):
        return ""
    fields = inspect.signature(made).parameters.values()
    return "\n".join((f"```python\n{name}(", *(f"    {_field(one)}," for one in fields), ")\n```\n\n"))


def _field(one: inspect.Parameter) -> str:
    default = "..." if one.default is attrs.NOTHING else repr(one.default)
    return f"{one.name}: {one.annotation}" + ("" if one.default is one.empty else f" = {default}")
