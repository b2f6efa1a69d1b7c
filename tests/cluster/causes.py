"""What goes wrong for real beside a stack with the demo platform, who must hear of it, how it is put right again."""

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

from local.certificates import issue
from local.debian import libraries, program
from local.demo import postgresql, redis
from local.demo.platform import Demo
from local.demo.programs import CONNECTIONS, ask
from local.demo.services import services
from local.demo.sinks import PAGERDUTY
from local.node.place import Place
from local.processes import end, running

Happening = Callable[[Demo], contextlib.AbstractContextManager[None]]
"""It goes wrong when the context begins, and is put right when it ends."""

CRITICAL: Final = frozenset({"#bais-critical", PAGERDUTY, "on-call@bais.example"})
WARNING: Final = frozenset({"#bais-alerts"})
OBJECTS: Final = Path(__file__).with_name("causes.yaml")
# Of the connections that others than the administrator may have, two are left to the exporter.
TAKEN: Final = CONNECTIONS - 3 - 2
VOLUME: Final = "/run/demo-volume"
NODE_EXPORTER: Final = ("patch", "daemonset", "--namespace=monitoring-node-exporter", "node-exporter")


@dataclass(frozen=True)
class Cause:
    """What happens, the alert that it has to give, its service, what its text names, and to whom that goes."""

    name: str
    happening: Happening
    alert: str
    service: str
    about: str
    addresses: frozenset[str]


@contextlib.contextmanager
def api_stopped(demo: Demo) -> Iterator[None]:
    """Both replicas of the API are gone."""
    end([running(demo.state)["api"]])
    yield
    demo.start()


@contextlib.contextmanager
def connections_used_up(demo: Demo) -> Iterator[None]:
    """Somebody holds nearly all connections to PostgreSQL, and does nothing with them."""
    service = services()["postgresql"]
    words, environment = postgresql.client(service.address, service.port)
    command = [*_inside(demo), *words, "--command=SELECT pg_sleep(900)"]
    with contextlib.ExitStack() as clients:
        for _ in range(TAKEN):
            client = clients.enter_context(
                subprocess.Popen(
                    command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
            clients.callback(client.kill)
        yield
        # A server does not notice that who asked is gone.
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(900)'"
        assert ask(Place(demo.control_plane.state), ended)


@contextlib.contextmanager
def memory_filled(demo: Demo) -> Iterator[None]:
    """Redis holds nearly as much as it may."""
    _ask_redis(demo, "eval", "for i = 1, 60 do redis.call('set', i, string.rep('x', 1048576)) end", "0")
    yield
    _ask_redis(demo, "flushall")


@contextlib.contextmanager
def certificate_near_its_end(demo: Demo) -> Iterator[None]:
    """As the demo platform begins; it is renewed."""
    yield
    authority, target = demo.control_plane.state / "certificates", demo.state / "certificates"
    issue(authority, target, "website", [services()["website"].host], datetime.timedelta(days=90))
    end([running(demo.state)["website"]])
    demo.start()


@contextlib.contextmanager
def exporter_killed(demo: Demo) -> Iterator[None]:
    """No node is good enough for the node exporter any more."""
    _select_nodes(demo, {"nowhere": "true"})
    yield
    _select_nodes(demo, {"nowhere": None})


@contextlib.contextmanager
def pod_crashing(demo: Demo) -> Iterator[None]:
    """A container ends with an error again and again."""
    with _objects(demo, "crashing"):
        yield


@contextlib.contextmanager
def memory_exceeded(demo: Demo) -> Iterator[None]:
    """A container wants more memory than it may have."""
    with _objects(demo, "greedy"):
        yield


@contextlib.contextmanager
def volume_filled(demo: Demo) -> Iterator[None]:
    """A pod's volume has no room left; then half of it is free, until the node is gone."""
    shell = [*Place(demo.control_plane.state).entered("mount"), "sh", "-euc"]
    make = f"mkdir -p {VOLUME} && mount -t tmpfs -o size=16m tmpfs {VOLUME} && head -c 17m /dev/zero > {VOLUME}/full"
    subprocess.run([*shell, f"{{ {make}; }} || test -s {VOLUME}/full"], check=True, stderr=subprocess.DEVNULL)
    with _objects(demo, "filled"):
        yield
        subprocess.run([*shell, f"truncate -s 4M {VOLUME}/full"], check=True)


CAUSES: Final = (
    Cause("API stopped", api_stopped, "ServiceDown", "api", "api", CRITICAL),
    Cause(
        "connections used up", connections_used_up, "PostgresConnectionsExhausted", "postgresql", "postgresql", CRITICAL
    ),
    Cause("Redis at its limit", memory_filled, "RedisMemoryHigh", "redis", "redis", WARNING),
    Cause("volume filled", volume_filled, "KubeVolumeFull", "kubernetes", "filled", CRITICAL),
    Cause(
        "certificate near its end",
        certificate_near_its_end,
        "CertificateExpiryCritical",
        "website",
        "website",
        CRITICAL,
    ),
    Cause("pod crashing", pod_crashing, "KubePodCrashLooping", "kubernetes", "crashing", WARNING),
    Cause("container out of memory", memory_exceeded, "KubeContainerOomKilled", "kubernetes", "greedy", WARNING),
    Cause("exporter killed", exporter_killed, "NodeExporterAbsent", "node-exporter", "node-exporter", WARNING),
)


def _inside(demo: Demo) -> list[str]:
    return Place(demo.control_plane.state).entered("net")


def _ask_redis(demo: Demo, *words: str) -> None:
    client = program("redis-cli", redis.PACKAGE)
    service = services()["redis"]
    command = [*_inside(demo), str(client), "-h", service.address, "-p", str(service.port), *words]
    subprocess.run(command, env=os.environ | libraries(client), check=True, capture_output=True, timeout=30)


def _select_nodes(demo: Demo, labels: Mapping[str, str | None]) -> None:
    change = {"spec": {"template": {"spec": {"nodeSelector": labels}}}}
    demo.control_plane.kubectl(*NODE_EXPORTER, "--type=merge", f"--patch={json.dumps(change)}")


@contextlib.contextmanager
def _objects(demo: Demo, name: str) -> Iterator[None]:
    """The objects of causes.yaml with this name are in the cluster."""
    documents = [each for each in yaml.safe_load_all(OBJECTS.read_text()) if each["metadata"]["name"] == name]
    text = yaml.safe_dump_all(documents)
    demo.control_plane.kubectl("apply", "--filename=-", text=text)
    yield
    demo.control_plane.kubectl("delete", "--filename=-", "--wait=false", text=text)
