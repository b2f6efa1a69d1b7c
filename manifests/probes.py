"""Specs of the Probe resources."""

from typing import Any

from manifests.scrape_limits import monitor_limits
from settings.probes import MODULES, Probe, ProbesSettings
from settings.scrape_limits import ScrapeLimits
from settings.services import PROBE_JOB_PREFIX


def probe_specs(
    probes: ProbesSettings, *, prober: str, interval: str | None, limits: ScrapeLimits
) -> dict[str, dict[str, Any]]:
    """Return the `spec` of each Probe by its name, which is also its job.

    `prober` is the host and port of the blackbox exporter. Without `interval`, Prometheus's own applies.

    The prefix prevents a probe from having the job of another component, whose absence alert could then not fire.
    """
    targets: list[tuple[str, Probe, str]] = [("http", probe, probe.url) for probe in probes.http]
    targets += [("tls", probe, probe.address) for probe in probes.tls]
    targets += [("tcp", probe, probe.address) for probe in probes.tcp]
    return {
        f"{PROBE_JOB_PREFIX}{probe.name}": {
            "jobName": f"{PROBE_JOB_PREFIX}{probe.name}",
            "prober": {"url": prober},
            "module": MODULES[kind],
            "targets": {"staticConfig": {"static": [target], "labels": {"service": probe.service, "team": probe.team}}},
            **({"interval": interval} if interval else {}),
            **monitor_limits(limits),
        }
        for kind, probe, target in targets
    }
