"""Many simulated pods of two containers and an init container each."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

import yaml

from local.control_plane.lifecycle import ControlPlane

NAMESPACE: Final = "default"
_CONNECTIONS: Final = 16
_TIMEOUT_SECONDS: Final = 60


class PodCreationError(Exception):
    """The API server does not create the pods."""


def create_pods(control_plane: ControlPlane, count: int) -> None:
    """Create pods on the nodes of a cluster; kwok reports them as running.

    Raises:
        PodCreationError: with the answer of the API server.
    """
    _wait_for_service_account(control_plane)
    nodes = control_plane.kubectl("get", "nodes", "--output=jsonpath={.items[*].metadata.name}").split()
    bodies = (json.dumps(_pod(number, nodes[number % len(nodes)])) for number in range(count))
    batches = iter(lambda: list(islice(bodies, 200)), [])
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        # A list, so that the first error is raised here.
        list(pool.map(lambda batch: _create(control_plane, batch), batches))


def _wait_for_service_account(control_plane: ControlPlane) -> None:
    """Wait for the account that a pod gets by default; until then the API server refuses pods."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while not control_plane.kubectl("get", "serviceaccount", "--output=name", f"--namespace={NAMESPACE}"):
        if time.monotonic() > deadline:
            raise PodCreationError(f"namespace {NAMESPACE} has no service account after {_TIMEOUT_SECONDS} s")
        time.sleep(0.5)


def _create(control_plane: ControlPlane, bodies: list[str]) -> None:
    """Send pods over one connection: kubectl limits itself to 50 requests per second."""
    kubeconfig = yaml.safe_load(control_plane.kubeconfig.read_text())
    (cluster,), (user,) = kubeconfig["clusters"], kubeconfig["users"]
    context = ssl.create_default_context(cafile=cluster["cluster"]["certificate-authority"])
    host = cluster["cluster"]["server"].removeprefix("https://")
    headers = {"Authorization": f"Bearer {user['user']['token']}", "Content-Type": "application/json"}
    connection = http.client.HTTPSConnection(host, context=context, timeout=_TIMEOUT_SECONDS)
    try:
        for body in bodies:
            connection.request("POST", f"/api/v1/namespaces/{NAMESPACE}/pods", body, headers)
            response = connection.getresponse()
            answer = response.read()
            if response.status != http.client.CREATED:
                raise PodCreationError(json.loads(answer).get("message", str(answer)))
    finally:
        connection.close()


def _pod(number: int, node: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"shop-7c9d8f6b54-{number:05}", "namespace": NAMESPACE, "labels": {"app": "shop"}},
        "spec": {
            # Set here, as the scheduler would place only 110 pods on a node.
            "nodeName": node,
            "automountServiceAccountToken": False,
            "containers": [_container("shop"), _container("proxy")],
            "initContainers": [_container("init")],
            "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
        },
    }


def _container(name: str) -> dict[str, Any]:
    resources = {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}
    return {"name": name, "image": f"registry.example/shop/{name}:1.0.0", "resources": resources}


def running_pods(page: str) -> int:
    """Return the number of running pods on a metrics page of kube-state-metrics."""
    return sum(1 for line in _samples(page, "kube_pod_status_phase") if 'phase="Running"' in line and line[-2:] == " 1")


def _samples(page: str, metric: str) -> Iterator[str]:
    return (line for line in page.splitlines() if line.startswith(f"{metric}{{"))
