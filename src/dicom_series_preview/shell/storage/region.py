"""Which region a bucket is in: S3 tells anyone who asks."""

from __future__ import annotations

import os
from typing import Final

from dicom_series_preview.core.ask.roots import S3Root
from dicom_series_preview.core.storage.signing import bucket_address
from dicom_series_preview.shell.storage.store import Network
from dicom_series_preview.shell.storage.web_client import Ask, WebClient

_PATIENCE: Final = 3.0  # s; the answer only completes a message


def bucket_region(root: S3Root) -> str | None:
    """The region of a bucket, or None when it cannot be told."""
    client = WebClient(Network(timeout=_PATIENCE, retries=0))
    asked = client.ask(Ask("HEAD", bucket_address(root, os.environ), quiet=True, follow=False))
    return asked.map(lambda answer: answer.fields.get("x-amz-bucket-region")).value_or(None)
