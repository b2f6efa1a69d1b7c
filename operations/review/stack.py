"""What a review reads of the settings of a stack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from catalogue import objectives
from catalogue.objectives import Objective
from catalogue.stack import StackCatalogue, for_stack
from common import ports
from common.problems import Problem
from common.project import PROJECT
from manifests.alert_overrides import absence_alerts_of_disabled
from operations.review.night import Night, night
from operations.stacks import stack_file
from settings.addresses import is_base_url
from settings.loader import SettingsError, build_settings, load_sections
from settings.sources import from_file
from settings.stack import StackSettings


class ReviewError(Exception):
    """A review is not possible."""


@dataclass(frozen=True, kw_only=True)
class ReviewedStack:
    """What a review reads of the settings of a stack.

    Attributes:
        name: Name of the stack.
        prometheus: External URL of Prometheus; empty without.
        alertmanager: External URL of Alertmanager; empty without.
        namespaces: Namespaces of the stack.
        services: Namespaces of the BAIS services.
        catalogue: Alerts with the stack's thresholds.
        disabled: Alerts that the stack does not have.
        objectives: The SLOs.
        night: The hours in which people should not be paged.
    """

    name: str
    prometheus: str
    alertmanager: str
    namespaces: tuple[str, ...]
    services: tuple[str, ...]
    catalogue: StackCatalogue
    disabled: frozenset[str]
    objectives: tuple[Objective, ...]
    night: Night


# The sections that a review reads. Others may be invalid, for example because the secrets are not set.
_SECTIONS: Final = (
    *("alerts", "grafana", "links", "namespace", "notifications", "operator", "postgres", "redis", "services"),
    *("node_exporter", "kube_state_metrics", "blackbox_exporter"),
)


def load(name: str) -> ReviewedStack:
    """Return what a review reads of a stack.

    Raises:
        UnknownStackError: the stack has no file.
        SettingsError: the settings that a review reads are invalid.
        CatalogueError: the thresholds or overrides of the stack are invalid.
    """
    result = load_sections(from_file(stack_file(name), PROJECT / "Pulumi.yaml"))
    if set(_SECTIONS) - set(result.sections):
        raise SettingsError(name, result.problems)
    return reviewed_stack(name, build_settings(result))


def reviewed_stack(name: str, settings: StackSettings) -> ReviewedStack:
    """Return what a review reads of settings."""
    overrides = settings.alerts.overrides
    disabled = {alert for alert, fields in overrides.items() if fields.get("enabled") is False}
    return ReviewedStack(
        name=name,
        prometheus=settings.links.prometheus or "",
        alertmanager=settings.links.alertmanager or "",
        namespaces=(settings.namespace, settings.node_exporter_namespace),
        services=tuple(sorted({service.namespace for service in settings.services})),
        catalogue=for_stack(tunables=settings.alerts.tunables, overrides=overrides),
        disabled=frozenset(disabled | set(absence_alerts_of_disabled(settings))),
        objectives=tuple(objectives.load()),
        night=night(settings.notifications.quiet_hours),
    )


def addresses(stack: ReviewedStack, prometheus: str, alertmanager: str) -> tuple[str, str]:
    """Return the URLs of Prometheus and Alertmanager: those given, or else the stack's links.

    That of Alertmanager is empty without both.

    Raises:
        ReviewError: a given URL is invalid, or there is none of Prometheus.
    """
    given = {"URL": prometheus, "ALERTMANAGER": alertmanager}
    allowed = "an address such as http://localhost:9090"
    if problems := [Problem(key, url, allowed) for key, url in given.items() if url and not is_base_url(url)]:
        raise ReviewError("\n".join(map(str, problems)))
    if not (prometheus or stack.prometheus):
        raise ReviewError(
            f"stack {stack.name} has no links.prometheus, so Prometheus is reachable only inside the cluster. Run\n"
            f"  kubectl -n {stack.namespaces[0]} port-forward service/prometheus {ports.PROMETHEUS}\n"
            f"and repeat the command with URL=http://localhost:{ports.PROMETHEUS}"
        )
    return prometheus or stack.prometheus, alertmanager or stack.alertmanager
