"""Exporters of the stack as processes on loopback, with their deployed arguments."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml

from local.processes import Program, free_ports, is_listening, run_program
from local.tools.toolset import binary
from manifests.scrape_limits import FEATURES
from tools.checkout import Checkout
from tools.operator_output import alertmanager_configuration, prometheus_files
from tools.proof.cluster import arguments, blackbox_configuration
from tools.proof.databases import postgresql, redis
from tools.proof.scraping import Place, Stored, redirect_to_loopback, shorten_intervals

# Arguments with addresses and paths of a pod; processes on loopback have their own.
_OF_PODS: Final = ("--web.listen-address", "--path.", "--port", "--telemetry-port", "--host", "--config.file")


@contextlib.contextmanager
def process(state: Path, name: str, words: Sequence[str], port: int, **environment: str) -> Iterator[int]:
    """Run a built tool and yield the port on which it listens."""
    program = Program(
        name=name,
        arguments=[str(binary(name)), *words],
        environment=environment,
        ready=lambda: is_listening(port),
    )
    with run_program(program, state):
        yield port


def deployed_arguments(checkout: Checkout, kind: str, name: str) -> list[str]:
    """Return the arguments of a workload without those that only fit a pod."""
    return [word for word in arguments(checkout, kind, name) if not word.startswith(_OF_PODS)]


@contextlib.contextmanager
def kube_state_metrics(checkout: Checkout, state: Path) -> Iterator[dict[str, Place]]:
    """Run kube-state-metrics with its deployed arguments; yield the places of its two endpoints by job."""
    port, telemetry = free_ports(2)
    words = [
        *deployed_arguments(checkout, "deployment", "kube-state-metrics"),
        f"--kubeconfig={checkout.control_plane.kubeconfig}",
        "--host=127.0.0.1",
        f"--port={port}",
        "--telemetry-host=127.0.0.1",
        f"--telemetry-port={telemetry}",
    ]
    with process(state, "kube-state-metrics", words, port):
        yield {"kube-state-metrics/0": Place(port), "kube-state-metrics/1": Place(telemetry)}


@contextlib.contextmanager
def exporters(checkout: Checkout, state: Path, without: Mapping[str, str]) -> Iterator[dict[str, Place]]:
    """Run the exporters except those in `without`; yield their places by job."""
    deployed = partial(deployed_arguments, checkout)

    def listen(port: int) -> str:
        return f"--web.listen-address=127.0.0.1:{port}"

    node, blackbox, postgres, redis_exporter = free_ports(4)
    authority = checkout.control_plane.state / "certificates" / "authority.crt"
    with contextlib.ExitStack() as running:
        enter = running.enter_context
        words = [*deployed("daemonset", "node-exporter"), listen(node)]
        places = {"node-exporter/0": Place(enter(process(state, "node-exporter", words, node)))}

        places |= enter(kube_state_metrics(checkout, state))

        file = state / "blackbox.yaml"
        file.write_text(yaml.safe_dump(blackbox_configuration(checkout)))
        words = [f"--config.file={file}", listen(blackbox)]
        enter(process(state, "blackbox-exporter", words, blackbox, SSL_CERT_FILE=str(authority)))
        places["blackbox-exporter/0"] = places["probe-example"] = Place(blackbox)

        if "postgres-exporter" not in without:
            words = [*deployed("deployment", "postgres-exporter-example"), listen(postgres)]
            server = f"postgresql://postgres@127.0.0.1:{enter(postgresql())}/postgres?sslmode=disable"
            port = enter(process(state, "postgres-exporter", words, postgres, DATA_SOURCE_NAME=server))
            places["postgres-exporter-example/0"] = Place(port)

        if "redis-exporter" not in without:
            _, replica = enter(redis())
            words = [
                *deployed("deployment", "redis-exporter-example"),
                f"--redis.addr=redis://127.0.0.1:{replica}",
                listen(redis_exporter),
            ]
            port = enter(process(state, "redis-exporter", words, redis_exporter))
            places["redis-exporter-example/0"] = Place(port)

        places["prometheus-operator/0"] = Place(checkout.control_plane.ports["prometheus-operator"])
        yield places


@contextlib.contextmanager
def prometheus(checkout: Checkout, state: Path, places: Mapping[str, Place]) -> Iterator[Stored]:
    """Run Prometheus and Alertmanager with the configurations of the operator."""
    own, manager, gossip = free_ports(3)
    everything = {**places, "prometheus/0": Place(own), "alertmanager/0": Place(manager)}
    configuration, rules = prometheus_files(checkout.control_plane, state)
    for path in rules:
        shorten_intervals(path)
    redirected = redirect_to_loopback(yaml.safe_load(configuration.read_text()), everything)
    redirected["scrape_configs"].append(_api_server(checkout))
    configuration.write_text(yaml.safe_dump(redirected))
    words = [
        f"--config.file={alertmanager_configuration(checkout.control_plane, state)}",
        f"--storage.path={state / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{manager}",
        f"--cluster.listen-address=127.0.0.1:{gossip}",
    ]
    options = [
        f"--config.file={configuration}",
        f"--storage.tsdb.path={state / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{own}",
        f"--enable-feature={','.join(FEATURES)}",
    ]
    with process(state, "alertmanager", words, manager), process(state, "prometheus", options, own):
        yield Stored(own)


def _api_server(checkout: Checkout) -> dict[str, Any]:
    """Return a scrape job for the API server with the labels of the chart.

    The embedded control plane has no Endpoints object for the API server.
    """
    (user,) = yaml.safe_load(checkout.control_plane.kubeconfig.read_text())["users"]
    labels = {"job": "apiserver", "namespace": "default", "service": "kubernetes", "endpoint": "https"}
    return {
        "job_name": "apiserver",
        "scheme": "https",
        "tls_config": {"ca_file": str(checkout.control_plane.state / "certificates" / "authority.crt")},
        "authorization": {"credentials": user["user"]["token"]},
        "static_configs": [
            {"targets": [f"127.0.0.1:{checkout.control_plane.ports['kube-apiserver']}"], "labels": labels}
        ],
    }
