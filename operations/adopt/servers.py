"""Requests to pods of Prometheus and Alertmanager of either stack, through ports that the API server forwards."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from operations.adopt.read import Objects
from preflight.cluster_state import KubernetesObject, qualified
from verification.cluster import ClusterError
from verification.model import Instance, one_line
from verification.pods import is_simulated_node

_REQUEST_SECONDS: Final = 30
_NO_PARAMETERS: Final[Mapping[str, str]] = MappingProxyType({})


class ServerError(Exception):
    """A pod does not answer or refuses a request; the message says why in one line."""


class Cluster(Objects, Protocol):
    """Read requests to the API server, and connections to pods."""

    def forwarded_port(self, namespace: str, name: str, port: int) -> contextlib.AbstractContextManager[int]:
        """Yield the port of this machine that is forwarded to a port of a pod. Raises ClusterError."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """The running pods of a Prometheus or Alertmanager.

    Attributes:
        name: Namespace and name of the resource.
        addresses: Local address of each pod that can be reached.
        missing: Why pods cannot be reached; empty if all can.
    """

    name: str
    addresses: tuple[str, ...]
    missing: str = ""

    def first(self, path: str, **parameters: str) -> Any:
        """Return the JSON answer of the first pod.

        Raises:
            ServerError: no pod can be reached, or it refuses the request.
        """
        return request(self.reachable()[0], path, parameters)

    def each(self, path: str, **parameters: str) -> list[Any]:
        """Return the JSON answer of every pod.

        Raises:
            ServerError: a pod cannot be reached, or it refuses the request.
        """
        if self.missing:
            raise ServerError(self.missing)
        return [request(address, path, parameters) for address in self.reachable()]

    def reachable(self) -> tuple[str, ...]:
        """Return the addresses, at least one.

        Raises:
            ServerError: no pod can be reached.
        """
        if not self.addresses:
            raise ServerError(self.missing or f"{self.name} has no pods")
        return self.addresses


def connect(cluster: Cluster, item: KubernetesObject, instance: Instance, connections: contextlib.ExitStack) -> Server:
    """Return the pods of a resource of the operator; connections stay open with the stack of contexts."""
    namespace, prefix = item["metadata"]["namespace"], str(item["spec"].get("routePrefix") or "/").strip("/")
    addresses, missing = [], ""
    try:
        for pod in cluster.get(f"/api/v1/namespaces/{namespace}/pods", labelSelector=instance.selector)["items"]:
            name = pod["metadata"]["name"]
            if is_simulated_node(cluster.get(f"/api/v1/nodes/{pod['spec'].get('nodeName')}")):
                missing = f"pod {name} is simulated"
                continue
            port = connections.enter_context(cluster.forwarded_port(namespace, name, instance.port))
            addresses.append("/".join(filter(None, (f"http://127.0.0.1:{port}", prefix))))
    except ClusterError as error:
        missing = str(error)
    if not missing and len(addresses) < instance.pods:
        missing = f"{qualified(item)} has {len(addresses)} of {instance.pods} pods"
    return Server(name=qualified(item), addresses=tuple(addresses), missing=missing)


def request(
    address: str,
    path: str,
    parameters: Mapping[str, str] = _NO_PARAMETERS,
    *,
    body: Mapping[str, Any] | None = None,
    method: str | None = None,
) -> Any:
    """Return the JSON of a request, None for an empty answer; a body is posted.

    Raises:
        ServerError: the pod does not answer, or refuses the request.
    """
    text = send(address, path, parameters, body=body, method=method)
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise ServerError(f"{path}: the answer is not JSON") from None


def send(
    address: str,
    path: str,
    parameters: Mapping[str, str] = _NO_PARAMETERS,
    *,
    body: Mapping[str, Any] | None = None,
    method: str | None = None,
) -> str:
    """Return the text of a request.

    Raises:
        ServerError: the pod does not answer, or refuses the request.
    """
    query = f"?{urlencode(parameters)}" if parameters else ""
    data = None if body is None else json.dumps(body).encode()
    wanted = Request(f"{address}{path}{query}", data, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(wanted, timeout=_REQUEST_SECONDS) as response:
            return str(response.read().decode())
    except HTTPError as error:
        raise ServerError(one_line(f"{path}: status {error.code}: {error.read().decode()}")) from None
    except (URLError, OSError, http.client.HTTPException) as error:
        raise ServerError(one_line(f"{path}: {error}")) from None
