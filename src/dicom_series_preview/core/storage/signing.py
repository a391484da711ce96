"""Which requests to sign: only those for which the environment holds credentials.

Without this rule a store library would look for credentials at a metadata address, which answers only inside
a cloud and may hang elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, assert_never

from dicom_series_preview.core.ask.roots import AzureRoot, GcsRoot, S3Root

PUBLIC_S3: Final = frozenset({"idc-open-data", "idc-open-data-two", "idc-open-data-cr"})
PUBLIC_GCS: Final = frozenset({"idc-open-data", "idc-open-cr", "idc-open-idc1"})

_S3: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_GCS: Final = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_BEARER_TOKEN",
)
_AZURE: Final = (
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_MASTER_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_STORAGE_CLIENT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_MSI_ENDPOINT",
    "AZURE_IDENTITY_ENDPOINT",
    "AZURE_USE_AZURE_CLI",
    "AZURE_STORAGE_USE_EMULATOR",
)


_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:_-]*[A-Za-z0-9\]](/[!-~]*)?")


def is_signed(root: S3Root | GcsRoot | AzureRoot, environ: Mapping[str, str], *, has_login: bool) -> bool:
    """Whether requests to the root are signed; those to the public buckets of IDC never are.

    `has_login` tells whether gcloud's own login is on this machine.
    """
    match root:
        case S3Root(bucket=bucket):
            return bucket not in PUBLIC_S3 and _has(environ, _S3)
        case GcsRoot(bucket=bucket):
            return bucket not in PUBLIC_GCS and (has_login or _has(environ, _GCS))
        case AzureRoot():
            return _has(environ, _AZURE)
        case _ as never:
            assert_never(never)


def endpoint_problem(environ: Mapping[str, str]) -> str | None:
    """What is wrong with AWS_ENDPOINT_URL, if it is set: the store library ends the process over it."""
    endpoint = environ.get("AWS_ENDPOINT_URL")
    if endpoint is None or _ADDRESS.fullmatch(endpoint):
        return None
    return f"AWS_ENDPOINT_URL is {endpoint!r}, which is no address: unset it, or give http(s)://host[:port]"


def advice(root: S3Root | GcsRoot | AzureRoot) -> str:
    """What to do about a request that was refused because it was not signed."""
    match root:
        case S3Root():
            return (
                "Credentials are read from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN "
                '(eval "$(aws configure export-credentials --format env)" sets them).'
            )
        case GcsRoot():
            return "Credentials are read from GOOGLE_APPLICATION_CREDENTIALS or gcloud's own login."
        case AzureRoot():
            return (
                "Credentials are read from AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN and the like."
            )
        case _ as never:
            assert_never(never)


def _has(environ: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return any(environ.get(name) for name in names)
