"""Read access to a deployed cluster with kubectl, which supports every login method of a kubeconfig."""

import contextlib
import http.client
import json
import re
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
_METADATA: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_START_SECONDS: Final = 20
_REQUEST_SECONDS: Final = 20
# Ends kubectl when this process ends in any way, even by SIGKILL: the pipe to the shell's standard input closes then.
# The shell closes its own outputs, so that they end with kubectl.
_SUPERVISED: Final = 'kubectl "$@" & exec >&- 2>&-; read -r _; kill $!; wait'
_FORWARDED: Final = re.compile(r"^Forwarding from 127\.0\.0\.1:(\d+) ")


class ClusterError(Exception):
    """A request to the cluster failed; the message is one line that says why.

    Attributes:
        status: HTTP status of the response; None without a response.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        """Keep the message and the status."""
        super().__init__(message)
        self.status = status


class ClusterReader:
    """Read requests to the API server and to pods."""

    def __init__(self, api: Path, context: str | None) -> None:
        self._api, self._context = api, context

    def get(self, path: str, **parameters: str) -> Any:
        """Return the JSON of a request to the API server; None if the object does not exist.

        Raises ClusterError.
        """
        text = self.get_text(path, **parameters)
        return None if text is None else _parse(text, path)

    def get_text(self, path: str, **parameters: str) -> str | None:
        """Return the text of a request to the API server; None if the object does not exist.

        Raises ClusterError.
        """
        query = f"?{urlencode(parameters)}" if parameters else ""
        status, text = _request(_SocketConnection(self._api), f"{path}{query}")
        if status == http.HTTPStatus.NOT_FOUND:
            return None
        if status != http.HTTPStatus.OK:
            raise ClusterError(f"GET {path}: {_status_message(text) or status}", status)
        return text

    def list_metadata(self, path: str) -> list[Any]:
        """Return the objects of a collection with nothing but their metadata, which is much less to transfer.

        Raises ClusterError.
        """
        status, text = _request(_SocketConnection(self._api), path, {"Accept": _METADATA})
        if status != http.HTTPStatus.OK:
            raise ClusterError(f"GET {path}: {_status_message(text) or status}", status)
        return list(_parse(text, path)["items"] or ())  # null for none

    @contextlib.contextmanager
    def pod(
        self, namespace: str, name: str, port: int, headers: Mapping[str, str] = _NO_HEADERS
    ) -> Iterator[Callable[[str], str]]:
        """Yield a function that requests a path from a pod, with these headers.

        Raises ClusterError.
        """
        with self.forwarded_port(namespace, name, port) as local:

            def request(path: str) -> str:
                connection = http.client.HTTPConnection("127.0.0.1", local, timeout=_REQUEST_SECONDS)
                status, text = _request(connection, path, headers)
                if status != http.HTTPStatus.OK:
                    raise ClusterError(f"pod {name} answered {path} with status {status}", status)
                return text

            yield request

    @contextlib.contextmanager
    def forwarded_port(self, namespace: str, name: str, port: int) -> Iterator[int]:
        """Yield the port of this machine that is forwarded to a port of a pod.

        The connection is forwarded by the kubelet, so no network policy applies to it. Raises ClusterError.
        """
        arguments = ["port-forward", f"--namespace={namespace}", "--address=127.0.0.1", f"pod/{name}", f":{port}"]
        with _kubectl(self._context, *arguments) as line:
            forwarded = _FORWARDED.match(line)
            if not forwarded:
                raise ClusterError(f"kubectl port-forward pod/{name}: {line}")
            yield int(forwarded[1])


@contextlib.contextmanager
def cluster_reader(context: str | None) -> Iterator[ClusterReader]:
    """Yield read access to the cluster of a kubeconfig context (default: the current one).

    One kubectl process logs in once and serves every request, on a socket that only this user can open. Raises
    ClusterError.
    """
    with tempfile.TemporaryDirectory(prefix="bais-") as folder:
        api = Path(folder) / "api"
        read_only = "--reject-methods=^(POST|PUT|PATCH|DELETE)$"
        with _kubectl(context, "proxy", f"--unix-socket={api}", read_only) as line:
            if not line.startswith("Starting to serve"):
                raise ClusterError(f"kubectl proxy: {line}")
            yield ClusterReader(api, context)


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_REQUEST_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@contextlib.contextmanager
def _kubectl(context: str | None, *arguments: str) -> Iterator[str]:
    """Run kubectl while the context lasts; yield its first line of output, or that of its errors."""
    words = [*arguments, *([f"--context={context}"] if context else [])]
    with subprocess.Popen(
        ["sh", "-c", _SUPERVISED, "sh", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        timer = threading.Timer(_START_SECONDS, process.stdin.close)
        timer.start()
        try:
            line = process.stdout.readline() or process.stderr.readline()
            timer.cancel()
            yield line.strip() or f"no answer within {_START_SECONDS} s"
        finally:
            timer.cancel()
            process.stdin.close()


def _request(
    connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str] = _NO_HEADERS
) -> tuple[int, str]:
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
        raise ClusterError(f"GET {path}: {error or type(error).__name__}") from None
    finally:
        connection.close()


def _parse(text: str, path: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ClusterError(f"GET {path}: the response is not JSON") from None


def _status_message(text: str) -> str:
    """Return the message of a Kubernetes Status; empty for any other text."""
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(text).get("message") or "")
    return ""
