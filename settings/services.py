"""Which services of BAIS a stack scrapes."""

from collections.abc import Mapping
from typing import Annotated, Final

from common.problems import Problem
from settings.base import SettingsModel
from settings.fields import Labels, Name, OptionalInterval, PortName, UrlPath, one_of
from settings.list_checks import item_names, iter_items, repeated_names

# Whoever had one of these as its job would answer for a component of the stack, whose absence nobody would notice then.
_TAKEN: Final = frozenset(
    {
        "alertmanager",
        "apiserver",
        "blackbox-exporter",
        "coredns",
        "grafana",
        "kube-state-metrics",
        "kubelet",
        "node-exporter",
        "postgres-exporter",
        "prometheus",
        "prometheus-operator",
        "redis-exporter",
    }
)
_TAKEN_PREFIX: Final = "probe-"


class ServiceSettings(SettingsModel):
    """A service: the name of its job and service, and how its pods are found, by a Service's labels or their own.

    Without `selector`, by the label `app.kubernetes.io/name` with the service's name; without `interval`,
    as often as Prometheus scrapes.
    """

    name: Name
    kind: Annotated[str, one_of("service", "pod")] = "service"
    namespace: Name = "bais"
    selector: Labels = None
    port: PortName = "metrics"
    path: UrlPath = "/metrics"
    interval: OptionalInterval = None
    team: Name = "platform"


def service_problems(values: Mapping[str, object]) -> list[Problem]:
    """What is wrong between the services, or between them and the stack, in a stack's values as written."""
    items = iter_items("services", values.get("services"))
    return repeated_names(items, "service") + [
        Problem(
            f"monitoring:{key}",
            f"{name}, which is another component's job",
            f"a name that does not begin with {_TAKEN_PREFIX} and is none of {', '.join(sorted(_TAKEN))}",
        )
        for key, name in item_names(items)
        if name in _TAKEN or name.startswith(_TAKEN_PREFIX)
    ]
