"""Real operators in place of the simulated pods of the operator's Deployments.

One process per Deployment, with its arguments and as its service account, so that its roles apply. A changed Deployment
restarts its operator, and a deleted one ends it.

Run as `python -m local.control_plane.operator_pods OPERATOR PORT` with KUBECONFIG set.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

# Label of the Deployments, the same in the upstream chart and its stand-in.
DEPLOYMENTS: Final = "/apis/apps/v1/deployments?labelSelector=app.kubernetes.io/component=prometheus-operator"
INTERVAL: Final = 0.5
TIMEOUT: Final = 5.0
# Of prctl: the signal that a process gets when its parent ends.
_SET_PARENT_DEATH_SIGNAL: Final = 1


def wanted(deployments: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the arguments of the operator of each Deployment, by namespace and name."""
    arguments = {}
    for item in deployments:
        namespace, specification = item["metadata"]["namespace"], item["spec"]["template"]["spec"]
        account = f"system:serviceaccount:{namespace}:{specification.get('serviceAccountName', 'default')}"
        if item["spec"].get("replicas", 1) and not item["metadata"].get("deletionTimestamp"):
            flags = specification["containers"][0].get("args", ())
            arguments[f"{namespace}/{item['metadata']['name']}"] = (*flags, f"--as={account}")
    return arguments


def read_deployments(kubeconfig: Path) -> list[Mapping[str, Any]]:
    """Return the Deployments of operators.

    Raises:
        OSError: the API server does not respond.
    """
    content = yaml.safe_load(kubeconfig.read_text())
    cluster, token = content["clusters"][0]["cluster"], content["users"][0]["user"]["token"]
    request = urllib.request.Request(cluster["server"] + DEPLOYMENTS, headers={"Authorization": f"Bearer {token}"})
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),  # no proxy for loopback
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=cluster["certificate-authority"])),
    )
    with opener.open(request, timeout=TIMEOUT) as response:
        items: list[Mapping[str, Any]] = json.load(response)["items"]
    return items


@dataclass(frozen=True)
class _Running:
    arguments: tuple[str, ...]
    port: int
    process: subprocess.Popen[bytes]


class OperatorPods:
    """The running operators.

    Args:
        operator: Path of the program.
        port: Port of the first operator; others use any free one.
    """

    def __init__(self, operator: str, port: int) -> None:
        self._operator, self._port = operator, port
        self._running: dict[str, _Running] = {}

    def reconcile(self, arguments: Mapping[str, tuple[str, ...]]) -> None:
        """Start, restart and end operators so that exactly these run."""
        for name, each in list(self._running.items()):
            if arguments.get(name) != each.arguments or each.process.poll() is not None:
                self._end(name)
        for name in sorted(arguments.keys() - self._running.keys()):
            port = 0 if any(each.port for each in self._running.values()) else self._port
            listen = f"--web.listen-address=127.0.0.1:{port}"
            process = _start([self._operator, *arguments[name], listen])
            self._running[name] = _Running(arguments[name], port, process)

    def end(self) -> None:
        """End all operators."""
        for name in list(self._running):
            self._end(name)

    def _end(self, name: str) -> None:
        process = self._running.pop(name).process
        process.terminate()
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process that does not outlive this one, even if this one is killed."""
    libc, parent = ctypes.CDLL(None), os.getpid()

    def follow_parent() -> None:
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # It has ended before the call.
            os._exit(1)

    return subprocess.Popen(list(command), preexec_fn=follow_parent)


def main() -> None:
    """Run the operators of all Deployments until this process gets SIGTERM."""
    kubeconfig, pods = Path(os.environ["KUBECONFIG"]), OperatorPods(sys.argv[1], int(sys.argv[2]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        while True:
            with contextlib.suppress(OSError):  # The API server restarts.
                pods.reconcile(wanted(read_deployments(kubeconfig)))
            time.sleep(INTERVAL)
    finally:
        pods.end()


if __name__ == "__main__":
    main()
