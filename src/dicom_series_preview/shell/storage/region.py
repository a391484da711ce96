"""Which region a bucket is in: S3 tells anyone who asks."""

from __future__ import annotations

import http.client
import os
from typing import Final
from urllib.parse import quote, urlsplit

_PATIENCE: Final = 3.0  # s; the answer only completes a message


def bucket_region(bucket: str) -> str | None:
    """The region of a bucket, or None when it cannot be told."""
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL") or "https://s3.amazonaws.com")
    kind = http.client.HTTPConnection if endpoint.scheme == "http" else http.client.HTTPSConnection
    connection = kind(endpoint.netloc, timeout=_PATIENCE)
    try:
        connection.request("HEAD", f"{endpoint.path.rstrip('/')}/{quote(bucket)}")
        return connection.getresponse().headers.get("x-amz-bucket-region")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
