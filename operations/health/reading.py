"""What a health check reads: objects of the API server, and answers of the pods of the components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.health.model import Answers, UnknownError

# Responses of the API server by name, or why a request failed.
Objects = Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """A sample in the result of a query: its labels and its value."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, kw_only=True)
class PrometheusAnswer:
    """Answer of one replica of Prometheus.

    Attributes:
        shard: Its shard.
        groups: Loaded rule groups, as of `/api/v1/rules`.
        configuration: Loaded configuration.
        targets: Active targets, as of `/api/v1/targets`.
        alertmanagers: Number of Alertmanagers that it sends alerts to.
        metrics: Its own metrics.
        samples: Result of each query, or why it failed.
    """

    shard: str
    groups: Sequence[Mapping[str, Any]]
    configuration: str
    targets: Sequence[Mapping[str, Any]]
    alertmanagers: int
    metrics: str
    samples: Mapping[str, Sequence[Sample] | UnknownError]


@dataclass(frozen=True, kw_only=True)
class AlertmanagerAnswer:
    """Answer of one replica of Alertmanager.

    Attributes:
        status: Status, as of `/api/v2/status`.
        silences: Silences, as of `/api/v2/silences`.
        metrics: Its own metrics.
    """

    status: Mapping[str, Any]
    silences: Sequence[Mapping[str, Any]]
    metrics: str


@dataclass(frozen=True, kw_only=True)
class GrafanaAnswer:
    """Answer of Grafana.

    Attributes:
        database: State of its database, as of `/api/health`.
        boards: Uids of the loaded boards, or why they could not be listed.
        sources: Error of each data source by uid, empty if it works, or why it could not be tested.
    """

    database: str
    boards: frozenset[str] | UnknownError
    sources: Mapping[str, str | UnknownError]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything that one health check reads.

    Attributes:
        at: Time of the reading.
        objects: Responses of the API server by name, or why a request failed.
        prometheus: Answers of Prometheus.
        alertmanager: Answers of Alertmanager.
        grafana: Answers of Grafana.
    """

    at: datetime
    objects: Objects
    prometheus: Answers[PrometheusAnswer]
    alertmanager: Answers[AlertmanagerAnswer]
    grafana: Answers[GrafanaAnswer]

    def object(self, name: str) -> Any:
        """Return a response of the API server.

        Raises:
            UnknownError: The request failed.
        """
        found = self.objects[name]
        if isinstance(found, UnknownError):
            raise found
        return found

    def samples(self, query: str) -> list[Sample]:
        """Return the samples of a query from all replicas of Prometheus.

        Raises:
            UnknownError: No replica could be read, or the query failed on one.
        """
        found: list[Sample] = []
        for answer in self.prometheus.all():
            samples = answer.samples.get(query, ())
            if isinstance(samples, UnknownError):
                raise samples
            found += samples
        return found

    def highest(self, query: str, label: str) -> dict[str, float]:
        """Return the highest value of each value of a label, over all replicas of Prometheus.

        Raises:
            UnknownError: No replica could be read, or the query failed on one.
        """
        highest: dict[str, float] = {}
        for sample in self.samples(query):
            name = sample.labels.get(label, "")
            highest[name] = max(sample.value, highest.get(name, sample.value))
        return highest

    def is_simulated(self, pod: Mapping[str, Any]) -> bool:
        """Return whether a pod is on a simulated node.

        Raises:
            UnknownError: The nodes could not be read.
        """
        return pod["spec"].get("nodeName") in self.object("simulated_nodes")
