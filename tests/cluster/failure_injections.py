"""Real failures on the demo platform, with the addresses that must be notified."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from local.control_plane.certificates import issue_certificate
from local.demo import postgresql, redis
from local.demo.fake_receivers import PAGERDUTY
from local.demo.platform import Demo
from local.demo.programs import CONNECTIONS
from local.demo.services import services
from local.nodes.layout import NodeLayout
from local.processes import end, running
from local.tools.debian import library_environment, program

CRITICAL: Final = frozenset({"#bais-critical", PAGERDUTY, "on-call@bais.example"})
WARNING: Final = frozenset({"#bais-alerts"})
OBJECTS: Final = Path(__file__).with_name("failure_injections.yaml")
# All connections except three for the superuser and two for the exporter.
HELD_CONNECTIONS: Final = CONNECTIONS - 3 - 2
# The same path is in failure_injections.yaml.
VOLUME: Final = "/run/filled"


@dataclass(frozen=True)
class Failure:
    """A failure and its expected alert.

    Attributes:
        inject: Context that causes the failure while it lasts.
        alert: Name of the expected alert.
        service: Its label `service`.
        addresses: Addresses that must be notified.
    """

    inject: Callable[[Demo], contextlib.AbstractContextManager[None]]
    alert: str
    service: str
    addresses: frozenset[str]

    @property
    def name(self) -> str:
        """Name for test ids."""
        return self.inject.__name__.replace("_", " ")


@contextlib.contextmanager
def api_stopped(demo: Demo) -> Iterator[None]:
    """Stop both replicas of the API."""
    with _stopped(demo, "api"):
        yield


@contextlib.contextmanager
def worker_stopped(demo: Demo) -> Iterator[None]:
    """Stop the worker."""
    with _stopped(demo, "worker"):
        yield


@contextlib.contextmanager
def postgresql_connections_used_up(demo: Demo) -> Iterator[None]:
    """Hold nearly all connections of PostgreSQL idle."""
    service = services()["postgresql"]
    words, environment = postgresql.client_command(service.address, service.port)
    command = [*_network(demo), *words]
    with contextlib.ExitStack() as clients:
        for _ in range(HELD_CONNECTIONS):
            client = subprocess.Popen(
                command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            assert client.stdin
            # The client exits at the end of its input.
            clients.callback(client.wait)
            clients.callback(client.stdin.close)
        yield


@contextlib.contextmanager
def redis_at_its_memory_limit(demo: Demo) -> Iterator[None]:
    """Fill Redis almost to its memory limit."""
    _run_redis_cli(demo, "eval", "for i = 1, 60 do redis.call('set', i, string.rep('x', 1048576)) end", "0")
    try:
        yield
    finally:
        _run_redis_cli(demo, "flushall")


@contextlib.contextmanager
def certificate_expires_soon(demo: Demo) -> Iterator[None]:
    """Renew the certificate at the end.

    The demo platform starts with a certificate that expires soon.
    """
    yield
    authority, target = demo.control_plane.state / "certificates", demo.state / "certificates"
    issue_certificate(authority, target, "website", [services()["website"].host], datetime.timedelta(days=90))
    end([running(demo.state)["website"]])
    demo.start()


@contextlib.contextmanager
def exporter_killed(demo: Demo) -> Iterator[None]:
    """Delete the pod of the node exporter.

    A node selector that no node matches prevents a new one.
    """
    _select_nodes(demo, {"nowhere": "true"})
    try:
        yield
    finally:
        _select_nodes(demo, {"nowhere": None})


@contextlib.contextmanager
def pod_in_a_crash_loop(demo: Demo) -> Iterator[None]:
    """Run a container that exits immediately."""
    with _objects(demo, "crashing"):
        yield


@contextlib.contextmanager
def container_out_of_memory(demo: Demo) -> Iterator[None]:
    """Run a container that exceeds its memory limit."""
    with _objects(demo, "greedy"):
        yield


@contextlib.contextmanager
def volume_filled(demo: Demo) -> Iterator[None]:
    """Fill the volume of a pod; the file is deleted at the end."""
    node = NodeLayout(demo.control_plane.state).nsenter("mount")

    def run_on_node(command: str) -> None:
        subprocess.run([*node, "sh", "-euc", command], check=True)

    run_on_node(f"mkdir {VOLUME}; mount -t tmpfs -o size=16m tmpfs {VOLUME}; head -c 16m /dev/zero > {VOLUME}/full")
    with _objects(demo, "filled", stay=True):
        yield
        run_on_node(f"rm {VOLUME}/full")


FAILURES: Final = (
    Failure(api_stopped, "ServiceDown", "api", CRITICAL),
    Failure(postgresql_connections_used_up, "PostgresConnectionsExhausted", "postgresql", CRITICAL),
    Failure(redis_at_its_memory_limit, "RedisMemoryHigh", "redis", WARNING),
    Failure(certificate_expires_soon, "CertificateExpiryCritical", "website", CRITICAL),
    Failure(exporter_killed, "NodeExporterAbsent", "node-exporter", WARNING),
    Failure(pod_in_a_crash_loop, "KubePodCrashLooping", "kubernetes", WARNING),
    Failure(container_out_of_memory, "KubeContainerOomKilled", "kubernetes", WARNING),
    Failure(volume_filled, "KubeVolumeFull", "kubernetes", CRITICAL),
)
# A failure that happens for the first time after those have ended. For 15 minutes Prometheus repeats that an alert has
# resolved. If the alert fires again in that time, an Alertmanager may send the old resolved notification after the new
# firing one, and then the firing one again.
LATER_FAILURE: Final = Failure(worker_stopped, "ServiceDown", "worker", CRITICAL)


@contextlib.contextmanager
def _stopped(demo: Demo, name: str) -> Iterator[None]:
    """Stop a program of the demo platform."""
    end([running(demo.state)[name]])
    try:
        yield
    finally:
        demo.start()


@contextlib.contextmanager
def _objects(demo: Demo, name: str, *, stay: bool = False) -> Iterator[None]:
    """Apply the objects of this name from failure_injections.yaml.

    They are deleted at the end, except with `stay`.
    """
    found = [each for each in yaml.safe_load_all(OBJECTS.read_text()) if each["metadata"]["name"] == name]
    text = yaml.safe_dump_all(found)
    demo.control_plane.kubectl("apply", "--filename=-", text=text)
    try:
        yield
    finally:
        if not stay:
            demo.control_plane.kubectl("delete", "--filename=-", "--wait=false", "--now", text=text)


def _network(demo: Demo) -> list[str]:
    return NodeLayout(demo.control_plane.state).nsenter("net")


def _run_redis_cli(demo: Demo, *words: str) -> None:
    tool, service = program("redis-cli", redis.PACKAGE), services()["redis"]
    command = [*_network(demo), str(tool), "-e", "-h", service.address, "-p", str(service.port), *words]
    subprocess.run(command, env=os.environ | library_environment(tool), check=True, capture_output=True, timeout=60)


def _select_nodes(demo: Demo, labels: Mapping[str, str | None]) -> None:
    patch = {"spec": {"template": {"spec": {"nodeSelector": labels}}}}
    where = "--namespace=monitoring-node-exporter"
    name = demo.control_plane.kubectl("get", "daemonset", where, "--output=name").strip()
    demo.control_plane.kubectl("patch", name, where, "--type=strategic", f"--patch={json.dumps(patch)}")
