"""cyclopts: the arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from cyclopts import Group, Parameter

from dicom_series_preview.core.ask.options import DEFAULT_ROOT
from dicom_series_preview.shell.cli.arguments import real, whole

STORAGE: Final = Group("Storage Options", sort_key=1)
RANGE: Final = Group("Range Selection Options", sort_key=4)
UTILITY: Final = Group("Utility Options", sort_key=6)


def number(group: Group, text: str, converter: Any, env_var: str | None = None) -> Parameter:
    """An option that takes a number."""
    return Parameter(group=group, help=text, converter=converter, env_var=env_var)


# Missing arguments are None, so that they are told together with all else that is wrong.
Series: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="SERIESUID",
        help="The series: a uuid with or without its hyphens, the first digits of one followed by *, a DICOM "
        "SeriesInstanceUID, or the location of a series folder. [required]",
    ),
]
_ROOT_HELP: Final = (
    "Where series are: s3://, gs://, az://, http(s)://, file:// or a folder; or a service, dicomweb+https://."
)
Root: TypeAlias = Annotated[str, Parameter(group=STORAGE, help=_ROOT_HELP)]
IndexedRoot: TypeAlias = Annotated[
    str | None,
    Parameter(group=STORAGE, help=f"{_ROOT_HELP} [default: {DEFAULT_ROOT}, or where --index says]"),
]
Concurrency: TypeAlias = Annotated[
    int,
    number(UTILITY, "Requests under way at once.", whole, "DICOM_SERIES_PREVIEW_CONCURRENCY"),
]
Timeout: TypeAlias = Annotated[
    float,
    number(UTILITY, "Seconds that a request may take.", real, "DICOM_SERIES_PREVIEW_TIMEOUT"),
]
Verbose: TypeAlias = Annotated[
    bool,
    Parameter(
        name=("--verbose", "-v"), group=UTILITY, help="Tell on stderr what is done and how long it takes."
    ),
]


def missing_of(**arguments: str | None) -> list[str]:
    """The names of the arguments that were not given."""
    return [name for name, given in arguments.items() if given is None]
