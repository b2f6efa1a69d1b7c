"""Settings of the scraped BAIS services, and their checks."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from common.exporters import EXPORTERS, Exporter
from common.problems import Problem
from settings.base import SettingsModel
from settings.fields import Labels, Name, OptionalInterval, PortName, UrlPath
from settings.list_checks import item_names, iter_items, repeated_name_problems
from settings.validators import one_of

# Jobs of the stack that are not exporters. A service with one of these names would hide the absence of the component.
_OTHER_RESERVED_JOBS: Final = frozenset(
    {
        *("alertmanager", "apiserver", "coredns", "grafana", "kubelet"),
        *("prometheus", "prometheus-operator", "prometheus-thanos"),
    }
)
# Prefix of the jobs of probes.
PROBE_JOB_PREFIX: Final = "probe-"


class ServiceSettings(SettingsModel):
    """A scraped service: its name, which is also its job, and the labels that select its Service or its pods.

    The default of `selector` is the label `app.kubernetes.io/name` with the service's name; that of `interval` is
    Prometheus's scrape interval.
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
    """Return the jobs of the stack's and the cluster's components, which a service must not use."""
    return _OTHER_RESERVED_JOBS | {exporter.name for exporter in exporters}


def service_problems(values: Mapping[str, object], exporters: Iterable[Exporter] = EXPORTERS) -> list[Problem]:
    """Return the problems of repeated and of reserved names, from a stack's raw values."""
    reserved = reserved_jobs(exporters)
    items = iter_items("services", values.get("services"))
    return repeated_name_problems(items, "service") + [
        Problem(
            f"monitoring:{key}",
            f"{name}, a reserved job name",
            f"a name that does not start with {PROBE_JOB_PREFIX} and is not one of {', '.join(sorted(reserved))}",
        )
        for key, name in item_names(items)
        if name in reserved or name.startswith(PROBE_JOB_PREFIX)
    ]
