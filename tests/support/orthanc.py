"""Orthanc with its DICOMweb plugin, as Debian packages it: started with a configuration of its own, stopped."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import Request, urlopen

from attrs import frozen

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
METADATA_MODES = ("Full", "MainDicomTags", "Extrapolate")
EXTRAPOLATED = (
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "Rows", "Columns", "SamplesPerPixel"),
    *("PhotometricInterpretation", "NumberOfFrames", "RescaleIntercept", "RescaleSlope", "PixelSpacing"),
    *("WindowCenter", "WindowWidth", "SOPClassUID", "ImageType", "InstanceNumber", "ModalityLUTSequence"),
)
"""Elements of which the mode Extrapolate guesses all values from a few."""
_PATIENCE = 60.0  # s for the server to come up
_AT_ONCE = 20  # objects in one request that stores
_BOUNDARY = b"--of-the-tests--"


def why_not() -> str | None:
    """Why there is no Orthanc here, or None."""
    if shutil.which("Orthanc") is None:
        return "there is no Orthanc here (Debian: orthanc)"
    return None if PLUGIN.exists() else "Orthanc's DICOMweb plugin is not here (Debian: orthanc-dicomweb)"


@frozen
class Orthanc:
    """A running server; `root` is its DICOMweb address."""

    root: str
    process: subprocess.Popen[bytes]

    @property
    def is_alive(self) -> bool:
        """Whether it still runs: broken requests have ended it."""
        return self.process.poll() is None

    def store(self, objects: Iterable[bytes], login: str | None = None) -> int:
        """Store objects (STOW-RS, PS3.18 10.5); how many the server took.  `login` is `user:password`."""
        waiting, taken = list(objects), 0
        while waiting:
            some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
            taken += _stored(self.root, some, login)
        return taken

    def empty(self) -> None:
        """Delete all that is there."""
        own = self.root.removesuffix("/dicom-web")
        with urlopen(f"{own}/patients", timeout=_PATIENCE) as answer:
            patients = json.load(answer)
        for patient in patients:
            urlopen(Request(f"{own}/patients/{patient}", method="DELETE"), timeout=_PATIENCE).close()


def _stored(root: str, objects: list[bytes], login: str | None) -> int:
    head = b"--" + _BOUNDARY + b"\r\nContent-Type: application/dicom\r\n\r\n"
    body = b"".join(head + one + b"\r\n" for one in objects) + b"--" + _BOUNDARY + b"--\r\n"
    content_type = f'multipart/related; type="application/dicom"; boundary="{_BOUNDARY.decode()}"'
    request = Request(
        f"{root}/studies",
        data=body,
        headers={"Content-Type": content_type, "Accept": "application/dicom+json"}
        | ({} if login is None else {"Authorization": basic(login)}),
        method="POST",
    )
    try:
        with urlopen(request, timeout=_PATIENCE) as answer:
            told = json.load(answer)
    except URLError:
        # One object that is refused may fail the request.
        return sum(_stored(root, [one], login) for one in objects) if len(objects) > 1 else 0
    return len(told.get("00081199", {}).get("Value", []))


def basic(login: str) -> str:
    """The Authorization field of `user:password` (RFC 7617)."""
    return f"Basic {b64encode(login.encode()).decode()}"


@contextmanager
def orthanc(metadata: str = "Full", *, login: str | None = None) -> Iterator[Orthanc]:
    """A server without objects; `metadata` is one of METADATA_MODES, `login` is `user:password`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user, _, password = (login or "").partition(":")
    with TemporaryDirectory() as folder:
        settings: dict[str, object] = {
            "Name": "tests",
            "StorageDirectory": f"{folder}/objects",
            "SyncStorageArea": False,
            "IndexDirectory": f"{folder}/index",
            "HttpPort": port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": login is not None,
            "RegisteredUsers": {user: password} if login is not None else {},
            "DicomServerEnabled": False,
            "OverwriteInstances": False,
            "Plugins": [str(PLUGIN)],
            "DicomWeb": {
                "Enable": True,
                "StudiesMetadata": metadata,
                "SeriesMetadata": metadata,
                "SeriesMetadataExtrapolatedTags": EXTRAPOLATED,
            },
        }
        configuration = Path(folder, "orthanc.json")
        configuration.write_text(json.dumps(settings), encoding="utf-8")
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(["Orthanc", str(configuration)], stdout=log, stderr=log)
            try:
                server = Orthanc(f"http://127.0.0.1:{port}/dicom-web", process)
                _wait(server, Path(folder, "log"))
                yield server
            finally:
                process.kill()  # it would take its time, and nothing of it is kept
                process.wait()


def _wait(server: Orthanc, log: Path) -> None:
    """Until the server answers, whatever it says."""
    latest = monotonic() + _PATIENCE
    while monotonic() < latest and server.is_alive:
        try:
            urlopen(f"{server.root}/studies?limit=1", timeout=5).close()
        except URLError as error:
            if hasattr(error, "code"):
                return
            sleep(0.05)
        except OSError:
            sleep(0.05)
        else:
            return
    raise RuntimeError(f"Orthanc did not come up: {log.read_text(errors='replace')[-2000:]}")
