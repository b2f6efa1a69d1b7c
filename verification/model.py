"""Plan that a cluster is compared with, and deviations from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from common.labels import pod_labels

# Seconds until every deviation is an error: an update replaces pods one by one, and the kubelet needs up to two minutes
# to show a pod a changed Secret or ConfigMap.
DEADLINE_SECONDS: Final = 600.0
# Seconds after which a deviation is an error that does not disappear without a change of the plan.
REJECTED_SECONDS: Final = 10.0
# The same for a change that the operator has not noticed.
UNNOTICED_SECONDS: Final = 120.0
# The same for a refused configuration that may be left from before the change: the kubelet needs up to two minutes to
# update the files of a pod, and the reloader another one to give up the previous configuration.
STALE_SECONDS: Final = 300.0
# The same for pods that do not start, because an image registry may be slow, and for failed requests.
UNREADY_SECONDS: Final = 60.0

_LONGEST: Final = 400


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A custom resource of the operator: kind, name, number of pods of all shards, and their port."""

    kind: str
    name: str
    pods: int
    port: int

    @property
    def plural(self) -> str:
        """Return the resource name in the API's paths."""
        return f"{self.kind.lower()}{'es' if self.kind.endswith('s') else 's'}"

    @property
    def selector(self) -> str:
        """Return the label selector of its pods."""
        return ",".join(f"{key}={value}" for key, value in pod_labels(self.kind.lower(), self.name).items())

    @property
    def container(self) -> str:
        """Return the name of the container that is not a sidecar."""
        return self.kind.lower()


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """What a cluster must run after `up`.

    Attributes:
        context: Kubeconfig context; None for the current one.
        namespace: Namespace of the stack.
        prometheus: The Prometheus.
        alertmanager: The Alertmanager.
        rules: Spec of each PrometheusRule by its name.
        configuration: Configuration file of Alertmanager.
        templates: Template files of Alertmanager by name.
        selector: Label with which Alertmanager selects AlertmanagerConfigs.
        route_namespaces: Namespaces whose AlertmanagerConfigs the operator reads; None with another team's operator.
    """

    context: str | None
    namespace: str
    prometheus: Instance
    alertmanager: Instance
    rules: Mapping[str, Mapping[str, Any]]
    configuration: Mapping[str, Any]
    templates: Mapping[str, str]
    selector: Mapping[str, str] = field(default_factory=dict)
    route_namespaces: frozenset[str] | None = None

    @property
    def alert_names(self) -> frozenset[str]:
        """Return the names of the alerts that it must evaluate."""
        groups = [group for spec in self.rules.values() for group in spec["groups"]]
        return frozenset(rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule)


@dataclass(frozen=True)
class LogSource:
    """Log of a container, with the cause of a deviation in the last error that contains `about`.

    Without the name of a pod, it is that of the operator.
    """

    pod: str
    container: str
    about: str = ""
    previous: bool = False


@dataclass(frozen=True)
class Deviation:
    """A difference between plan and cluster.

    Attributes:
        text: The difference as one line.
        patience: Seconds after which it is an error.
        log: Where its cause is logged, if it is.
    """

    text: str
    patience: float = DEADLINE_SECONDS
    log: LogSource | None = None


def one_line(text: str) -> str:
    """Return a message of another program as one printable line of limited length."""
    line = "".join(character if character.isprintable() else " " for character in " ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
