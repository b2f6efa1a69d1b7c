"""Which services of BAIS a stack scrapes."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from common.exporters import EXPORTERS, Exporter
from common.problems import Problem
from settings.base import SettingsModel
from settings.fields import Labels, Name, OptionalInterval, PortName, UrlPath, one_of
from settings.list_checks import item_names, iter_items, repeated_names

# A service with the job of another component would hide the absence of that component.
_NOT_OF_EXPORTERS: Final = frozenset(
    {"alertmanager", "apiserver", "coredns", "grafana", "kubelet", "prometheus", "prometheus-operator"}
)
PROBE_JOB_PREFIX: Final = "probe-"


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


def reserved_jobs(exporters: Iterable[Exporter] = EXPORTERS) -> frozenset[str]:
    """Return the jobs of the stack's own components and of the cluster's, which no service may have."""
    return _NOT_OF_EXPORTERS | {exporter.name for exporter in exporters}


def service_problems(values: Mapping[str, object], exporters: Iterable[Exporter] = EXPORTERS) -> list[Problem]:
    """What is wrong between the services, or between them and the stack, in a stack's values as written."""
    reserved = reserved_jobs(exporters)
    items = iter_items("services", values.get("services"))
    return repeated_names(items, "service") + [
        Problem(
            f"monitoring:{key}",
            f"{name}, which is another component's job",
            f"a name that does not begin with {PROBE_JOB_PREFIX} and is none of {', '.join(sorted(reserved))}",
        )
        for key, name in item_names(items)
        if name in reserved or name.startswith(PROBE_JOB_PREFIX)
    ]
