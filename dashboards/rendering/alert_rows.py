"""Links of a table with one row per firing alert: to its runbook, its panel and a new silence."""

from collections.abc import Callable, Collection, Sequence
from typing import Final

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from dashboards.model import ALERT_COLUMNS
from dashboards.rendering.columns import heading
from dashboards.rendering.fields import override
from dashboards.rendering.panel_alerts import BoardAlert

_ALERT, _RUNBOOK, _PANEL, _SINCE = map(heading, ALERT_COLUMNS)
# The name of the data source, which Grafana's form for silences reads.
_ALERTMANAGER: Final = "Alertmanager"
_SILENCE: Final = (
    f"/alerting/silence/new?alertmanager={_ALERTMANAGER}&matcher=alertname%3D${{__data.fields.{_ALERT}:percentencode}}"
)
# Address for alerts of other teams: Grafana's list of all alerts.
_UNKNOWN_ALERT: Final = "/alerting/list?"
_HIDDEN: Final = {"custom.hideFrom": {"viz": True, "legend": False, "tooltip": False}}


def link_alert_rows(panel: models.Panel, alerts: Sequence[BoardAlert], boards: Collection[str]) -> None:
    """Add links to each row of a table of alerts; `boards` are the uids of the boards that exist.

    The columns of runbook and panel hold the alert's name, mapped to the address. They are hidden; without `alerts`
    the addresses are unknown, and only the link to a silence remains.
    """
    if panel.field_config is None:
        return
    overrides = panel.field_config.overrides
    addresses: dict[str, Callable[[BoardAlert], str]] = {
        _RUNBOOK: lambda alert: alert.runbook,
        _PANEL: lambda alert: f"/d/{alert.opens}" if alert.opens.partition("?")[0] in boards else _UNKNOWN_ALERT,
    }
    for column, address in addresses.items():
        overrides.append(override("byName", column, {**_HIDDEN, "mappings": _mappings(alerts, address)}))
    overrides.append(override("byName", _SINCE, _HIDDEN))
    links = [_link("Silence", _SILENCE)]
    if alerts:
        runbook, opened = f"${{__data.fields.{_RUNBOOK}:raw}}", f"${{__data.fields.{_PANEL}:raw}}"
        around = f"&from=${{__data.fields.{_SINCE}.numeric}}&to=now"
        links = [_link("Runbook", runbook), _link("Panel", opened + around), *links]
    overrides.append(override("byName", _ALERT, {"links": links}))


def _mappings(alerts: Sequence[BoardAlert], address: Callable[[BoardAlert], str]) -> list[models.ValueMapping]:
    results = {alert.name: models.ValueMappingResult(text=address(alert), index=0) for alert in alerts}
    unknown = models.ValueMappingResult(text=_UNKNOWN_ALERT, index=1)
    others = models.RegexMap(options=models.DashboardRegexMapOptions(pattern=".*", result=unknown))
    return [models.ValueMap(options=results), others]


def _link(title: str, url: str) -> models.DashboardLink:
    return builders.DashboardLink(title).type(models.DashboardLinkType.LINK).url(url).target_blank(True).build()
