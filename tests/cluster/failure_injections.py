"""What goes wrong for real on a demo platform, who must hear of it, and how it is put right again."""

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
# Of the connections that others than the administrator may have, the exporter needs some.
HELD_CONNECTIONS: Final = CONNECTIONS - 3 - 2
# As causes.yaml has it.
VOLUME: Final = "/run/filled"


@dataclass(frozen=True)
class Failure:
    """What happens while a context lasts, the alert that it gives, of which service, and who has to hear of it."""

    inject: Callable[[Demo], contextlib.AbstractContextManager[None]]
    alert: str
    service: str
    addresses: frozenset[str]

    @property
    def name(self) -> str:
        """As a test is called."""
        return self.inject.__name__.replace("_", " ")


@contextlib.contextmanager
def api_stopped(demo: Demo) -> Iterator[None]:
    """Both replicas of the API are gone."""
    with _stopped(demo, "api"):
        yield


@contextlib.contextmanager
def worker_stopped(demo: Demo) -> Iterator[None]:
    """Nobody does the jobs."""
    with _stopped(demo, "worker"):
        yield


@contextlib.contextmanager
def postgresql_connections_used_up(demo: Demo) -> Iterator[None]:
    """Somebody holds nearly all connections, and does nothing with them."""
    service = services()["postgresql"]
    words, environment = postgresql.client_command(service.address, service.port)
    command = [*_network(demo), *words]
    with contextlib.ExitStack() as clients:
        for _ in range(HELD_CONNECTIONS):
            client = subprocess.Popen(
                command, env=os.environ | environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            assert client.stdin
            # At the end of what it is told, it goes by itself.
            clients.callback(client.wait)
            clients.callback(client.stdin.close)
        yield


@contextlib.contextmanager
def redis_at_its_memory_limit(demo: Demo) -> Iterator[None]:
    """It holds nearly as much as it may."""
    _tell_redis(demo, "eval", "for i = 1, 60 do redis.call('set', i, string.rep('x', 1048576)) end", "0")
    try:
        yield
    finally:
        _tell_redis(demo, "flushall")


@contextlib.contextmanager
def certificate_near_its_end(demo: Demo) -> Iterator[None]:
    """As the demo platform begins; later it is renewed."""
    yield
    authority, target = demo.control_plane.state / "certificates", demo.state / "certificates"
    issue_certificate(authority, target, "website", [services()["website"].host], datetime.timedelta(days=90))
    end([running(demo.state)["website"]])
    demo.start()


@contextlib.contextmanager
def exporter_killed(demo: Demo) -> Iterator[None]:
    """No node is good enough for the node exporter any more, so its pod is ended and none comes."""
    _select_nodes(demo, {"nowhere": "true"})
    try:
        yield
    finally:
        _select_nodes(demo, {"nowhere": None})


@contextlib.contextmanager
def pod_in_a_crash_loop(demo: Demo) -> Iterator[None]:
    """A container ends as soon as it is started."""
    with _objects(demo, "crashing"):
        yield


@contextlib.contextmanager
def container_out_of_memory(demo: Demo) -> Iterator[None]:
    """A container takes more than it may."""
    with _objects(demo, "greedy"):
        yield


@contextlib.contextmanager
def volume_filled(demo: Demo) -> Iterator[None]:
    """A pod's volume has no room left; later, what filled it is deleted."""
    node = NodeLayout(demo.control_plane.state).nsenter("mount")

    def notified(command: str) -> None:
        subprocess.run([*node, "sh", "-euc", command], check=True)

    notified(f"mkdir {VOLUME}; mount -t tmpfs -o size=16m tmpfs {VOLUME}; head -c 16m /dev/zero > {VOLUME}/full")
    with _objects(demo, "filled", stay=True):
        yield
        notified(f"rm {VOLUME}/full")


FAILURES: Final = (
    Failure(api_stopped, "ServiceDown", "api", CRITICAL),
    Failure(postgresql_connections_used_up, "PostgresConnectionsExhausted", "postgresql", CRITICAL),
    Failure(redis_at_its_memory_limit, "RedisMemoryHigh", "redis", WARNING),
    Failure(certificate_near_its_end, "CertificateExpiryCritical", "website", CRITICAL),
    Failure(exporter_killed, "NodeExporterAbsent", "node-exporter", WARNING),
    Failure(pod_in_a_crash_loop, "KubePodCrashLooping", "kubernetes", WARNING),
    Failure(container_out_of_memory, "KubeContainerOomKilled", "kubernetes", WARNING),
    Failure(volume_filled, "KubeVolumeFull", "kubernetes", CRITICAL),
)
# What goes wrong for the first time when those are over. For 15 minutes Prometheus says again each minute that an
# alert ended. An Alertmanager that hears it just before that alert begins anew tells the old end after the new
# beginning, and then the beginning once more.
LATER_FAILURE: Final = Failure(worker_stopped, "ServiceDown", "worker", CRITICAL)


@contextlib.contextmanager
def _stopped(demo: Demo, name: str) -> Iterator[None]:
    """A program of the demo platform is gone."""
    end([running(demo.state)[name]])
    try:
        yield
    finally:
        demo.start()


@contextlib.contextmanager
def _objects(demo: Demo, name: str, *, stay: bool = False) -> Iterator[None]:
    """The objects of causes.yaml with this name are in the cluster; with `stay`, for longer than the context lasts."""
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


def _tell_redis(demo: Demo, *words: str) -> None:
    tool, service = program("redis-cli", redis.PACKAGE), services()["redis"]
    command = [*_network(demo), str(tool), "-e", "-h", service.address, "-p", str(service.port), *words]
    subprocess.run(command, env=os.environ | library_environment(tool), check=True, capture_output=True, timeout=60)


def _select_nodes(demo: Demo, labels: Mapping[str, str | None]) -> None:
    patch = {"spec": {"template": {"spec": {"nodeSelector": labels}}}}
    where = "--namespace=monitoring-node-exporter"
    name = demo.control_plane.kubectl("get", "daemonset", where, "--output=name").strip()
    demo.control_plane.kubectl("patch", name, where, "--type=strategic", f"--patch={json.dumps(patch)}")
