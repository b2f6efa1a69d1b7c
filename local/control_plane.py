"""A real Kubernetes control plane as plain processes on loopback, with nodes and pods simulated by KWOK."""

from __future__ import annotations

import json
import secrets
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import psutil
import yaml
from filelock import FileLock

from local.certificates import ensure_certificates
from local.processes import ProcessError, Program, end, free_ports, listening, running, start, wait_ready
from local.tools import binary

PROCESSES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "prometheus-operator")
"""In the order of their start."""
PORTS = ("etcd", "etcd-peer", *PROCESSES[1:])
CHECK_INTERVAL = 1.0
"""Seconds between two looks at the processes while a deployment runs."""
NODES = ("node-1", "node-2", "node-3")
SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.244.0.1/24"
NODE_ADDRESS = "10.245.0.1"
"""Neither pod nor node addresses exist on this machine: nothing may connect to them."""
USERS = {
    "admin": ("admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
}
MANIFESTS = Path(__file__).parent / "manifests"


class ControlPlane:
    """The control plane of one state folder; several can run side by side.

    Args:
        state: Folder of everything it writes; removed by nobody but its owner.
        name: Name of the kubeconfig's context.
    """

    def __init__(self, state: Path, name: str) -> None:
        self.state = state.resolve()
        self.name = name
        self.kubeconfig = self.state / "kubeconfig"

    def start(self, report: Callable[[str], None] = lambda _: None) -> list[str]:
        """Start what does not run and return its names; nothing where everything runs.

        Raises:
            ProcessError: a process does not become ready.
        """
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self.state / "control-plane.lock"):
            living = running(self.state)
            if set(PROCESSES) <= set(living):
                return []
            ensure_certificates(self.state / "certificates")
            self._settle_ports(living)
            self._write_configuration()
            started = []
            for program in self._programs():
                if program.name in living:
                    continue
                report(program.name)
                wait_ready(program, start(program, self.state), self.state)
                started.append(program.name)
            self._apply_manifests()
            return started

    def stop(self) -> list[str]:
        """End every process of this control plane, newest first, and return their names."""
        living = running(self.state)
        # The stores last: a process that loses its API server writes pages of errors while it waits for its end.
        for group in (PROCESSES[2:], PROCESSES[1:2], PROCESSES[:1], tuple(set(living) - set(PROCESSES))):
            end([living[name] for name in group if name in living])
        return [name for name in reversed(PROCESSES) if name in living]

    @contextmanager
    def kept_running(self, report: Callable[[str], None]) -> Iterator[None]:
        """Restart, for as long as the block runs, every process that ends."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(CHECK_INTERVAL):
                try:
                    if started := self.start():
                        report(f"had ended and was started again: {', '.join(started)}")
                except (ProcessError, subprocess.SubprocessError) as error:
                    report(str(error))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def processes(self) -> dict[str, psutil.Process]:
        """The living processes by name."""
        return running(self.state)

    def answers(self) -> bool:
        """Whether the API server says that it is ready."""
        return self.kubeconfig.exists() and self._get_ok("kube-apiserver", "/readyz")

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        """Run kubectl as admin and return what it prints.

        Raises:
            subprocess.CalledProcessError: it failed; stderr holds the reason.
        """
        command = [str(binary("kubectl")), "--kubeconfig", str(self.kubeconfig), *arguments]
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True, timeout=120).stdout

    # --- ports and files -------------------------------------------------------------------------------------------

    @property
    def ports(self) -> dict[str, int]:
        """Ports by process name, as chosen at the first start."""
        ports: dict[str, int] = json.loads((self.state / "ports.json").read_text())
        return ports

    def _settle_ports(self, living: dict[str, psutil.Process]) -> None:
        """Keep the ports of an earlier start, unless somebody else has taken one since (after a reboot, say)."""
        path = self.state / "ports.json"
        if path.exists():
            idle = [port for name, port in self.ports.items() if name.removesuffix("-peer") not in living]
            if set(self.ports) == set(PORTS) and not any(listening(port) for port in idle):
                return
            end(living.values())  # they know each other by port
            living.clear()
        path.write_text(json.dumps(dict(zip(PORTS, free_ports(len(PORTS)), strict=True))))

    def _write_configuration(self) -> None:
        tokens = self.state / "tokens.csv"
        if not tokens.exists():
            rows = [f'{secrets.token_hex(16)},{user},{name},"{group}"' for name, (user, group) in USERS.items()]
            _write_private(tokens, "\n".join(rows) + "\n")
        for row in tokens.read_text().splitlines():
            token, _, name, _ = row.split(",")
            path = self.kubeconfig if name == "admin" else self.state / f"{name}.kubeconfig"
            _write_private(path, yaml.safe_dump(self._kubeconfig(token)))
        stages = binary("kwok-stages")
        wanted = ("node/fast", "node/heartbeat-with-lease", "pod/fast", "volume/fast")
        documents = [
            path.read_text()
            for folder in wanted
            for path in sorted((stages / folder).glob("*.yaml"))
            if "kind: Stage" in path.read_text()
        ]
        (self.state / "stages.yaml").write_text("---\n".join(documents))

    def _kubeconfig(self, token: str) -> dict[str, object]:
        authority = str(self.state / "certificates" / "authority.crt")
        server = f"https://127.0.0.1:{self.ports['kube-apiserver']}"
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.name,
            "clusters": [{"name": self.name, "cluster": {"server": server, "certificate-authority": authority}}],
            "users": [{"name": self.name, "user": {"token": token}}],
            "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": self.name}}],
        }

    def _apply_manifests(self) -> None:
        nodes = [yaml.safe_load((MANIFESTS / "node.yaml").read_text()) for _ in NODES]
        for name, node in zip(NODES, nodes, strict=True):
            node["metadata"]["name"] = name
            node["metadata"]["labels"] |= {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": name}
        storage_class = (binary("kwok-stages") / "volume/fast/storage-class.yaml").read_text()
        text = "---\n".join([storage_class, *(yaml.safe_dump(node) for node in nodes)])
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=text)

    # --- programs --------------------------------------------------------------------------------------------------

    def _programs(self) -> Iterable[Program]:
        ports, certificates, state = self.ports, self.state / "certificates", self.state
        etcd = f"https://127.0.0.1:{ports['etcd']}"
        etcd_peer = f"http://127.0.0.1:{ports['etcd-peer']}"
        authority = certificates / "authority.crt"

        def program(name: str, *arguments: str, path: str, **environment: str) -> Program:
            return Program(
                name=name,
                arguments=[str(binary(name)), *arguments],
                port=ports[name],
                environment=environment,
                ready=lambda: self._get_ok(name, path),
            )

        yield program(
            "etcd",
            f"--data-dir={state / 'etcd'}",
            f"--listen-client-urls={etcd}",
            f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={etcd_peer}",
            f"--initial-advertise-peer-urls={etcd_peer}",
            f"--initial-cluster=default={etcd_peer}",
            f"--cert-file={certificates / 'server.crt'}",
            f"--key-file={certificates / 'server.key'}",
            f"--trusted-ca-file={authority}",
            "--client-cert-auth",
            "--unsafe-no-fsync",
            "--log-level=warn",
            path="/health",
        )
        yield program(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            f"--etcd-cafile={authority}",
            f"--etcd-certfile={certificates / 'client.crt'}",
            f"--etcd-keyfile={certificates / 'client.key'}",
            "--bind-address=127.0.0.1",
            f"--secure-port={ports['kube-apiserver']}",
            f"--tls-cert-file={certificates / 'server.crt'}",
            f"--tls-private-key-file={certificates / 'server.key'}",
            f"--token-auth-file={state / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={certificates / 'service-accounts.pub'}",
            f"--service-account-signing-key-file={certificates / 'service-accounts.key'}",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--endpoint-reconciler-type=none",  # a loopback address is refused as an endpoint
            "--allow-privileged",
            "--profiling=false",
            path="/readyz",
        )
        for name, account in (("kube-controller-manager", "controller-manager"), ("kube-scheduler", "scheduler")):
            extra: Sequence[str] = ()
            if account == "controller-manager":
                extra = (
                    f"--service-account-private-key-file={certificates / 'service-accounts.key'}",
                    f"--root-ca-file={authority}",
                    "--use-service-account-credentials",
                )
            yield program(
                name,
                f"--kubeconfig={state / f'{account}.kubeconfig'}",
                "--bind-address=127.0.0.1",
                f"--secure-port={ports[name]}",
                f"--tls-cert-file={certificates / 'server.crt'}",
                f"--tls-private-key-file={certificates / 'server.key'}",
                "--leader-elect=false",
                *extra,
                path="/healthz",
            )
        yield program(
            "kwok",
            f"--kubeconfig={self.kubeconfig}",
            f"--config={state / 'stages.yaml'}",
            "--manage-all-nodes",
            f"--cidr={POD_RANGE}",
            f"--node-ip={NODE_ADDRESS}",
            "--node-lease-duration-seconds=40",
            f"--server-address=127.0.0.1:{ports['kwok']}",
            path="/healthz",
        )
        # It disables, for good, what has no custom resource definition when it starts: so it is held until they exist.
        gate = [sys.executable, "-m", "local.operator_gate", str(binary("prometheus-operator"))]
        yield Program(
            name="prometheus-operator",
            arguments=[*gate, f"-web.listen-address=127.0.0.1:{ports['prometheus-operator']}"],
            port=ports["prometheus-operator"],
            environment={"KUBECONFIG": str(self.kubeconfig), "PYTHONPATH": str(Path(__file__).parents[1])},
        )

    def _get_ok(self, name: str, path: str) -> bool:
        """Whether a process of ours answers 200; processes that speak TLS are asked with our client certificate."""
        certificates = self.state / "certificates"
        encrypted = name in PROCESSES[:4]
        context = None
        if encrypted:
            context = ssl.create_default_context(cafile=certificates / "authority.crt")
            context.load_cert_chain(certificates / "client.crt", certificates / "client.key")
        url = f"http{'s' if encrypted else ''}://127.0.0.1:{self.ports[name]}{path}"
        try:
            with urllib.request.urlopen(url, timeout=2, context=context) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)
