"""Settings of a panel's fields: units, limits, texts and colours."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import units

from dashboards.model import Color, Limits, Panel, View
from dashboards.rendering.columns import heading
from dashboards.rendering.limits import limit_name
from dashboards.rendering.meanings import UNKNOWN_TEXT, comparison_line, meanings
from dashboards.rendering.thresholds import limit_lines, threshold_steps
from dashboards.units import CURRENCIES, DAYS, HOURS, MINUTES

# Grafana chooses a readable text colour on a coloured background; not every colour is readable as text.
_COLORED: Final = {"custom.cellOptions": {"type": "color-background", "mode": "basic"}}
_STATE_WIDTH: Final = 90
_NOT_IN_LEGEND: Final = {"custom.hideFrom": {"legend": True, "tooltip": False, "viz": False}}
# Grafana shows three seconds as 0.0500 min.
_LONG: Final = (MINUTES, HOURS, DAYS)
# Views that show a text or a colour for a value that is missing.
_SHOWING_UNKNOWN: Final = (View.VALUE, View.BARS, View.STATES, View.TABLE)

Override = models.DashboardFieldConfigSourceOverrides


def configure_fields(panel: Panel, fields: models.FieldConfigSource, tunables: Mapping[str, float]) -> None:
    """Set the units, limits, texts and colours of a panel's fields."""
    # Otherwise Grafana also applies the unit to labels that look like numbers.
    fields.defaults.unit = units.String if panel.view is View.TABLE else panel.unit
    fields.defaults.decimals = 1 if panel.decimals is None and panel.unit in _LONG else panel.decimals
    fields.defaults.max_val = panel.highest
    fields.defaults.thresholds = _thresholds(panel.limits, tunables)
    fields.defaults.mappings = list(_mappings(panel))
    fields.overrides = list(_overrides(panel, tunables))


def _thresholds(limits: Limits | None, tunables: Mapping[str, float]) -> models.ThresholdsConfig:
    return models.ThresholdsConfig(
        mode=models.ThresholdsMode.ABSOLUTE,
        steps=[models.Threshold(value, color) for value, color in threshold_steps(limits, tunables)],
    )


def _mappings(panel: Panel) -> Iterator[models.ValueMapping]:
    if panel.states:
        results = {
            str(value): models.ValueMappingResult(text=state.text, color=state.color, index=index)
            for index, (value, state) in enumerate(panel.states.items())
        }
        yield models.ValueMap(options=results)
    if panel.view in _SHOWING_UNKNOWN:
        # Otherwise Grafana shows a missing value in the colour of the lowest values, which is often green.
        unknown = models.ValueMappingResult(text=UNKNOWN_TEXT, color=Color.UNKNOWN, index=len(panel.states))
        match = models.SpecialValueMatch.NULL_AND_NAN
        yield models.SpecialValueMap(options=models.DashboardSpecialValueMapOptions(match=match, result=unknown))


def _overrides(panel: Panel, tunables: Mapping[str, float]) -> Iterator[Override]:
    """Yield the field overrides: per signal, per outcome, and of lines to compare with."""
    if panel.labels and panel.states:
        yield override("byName", panel.labels[0], {**_COLORED, "custom.width": _STATE_WIDTH})
    limits = panel.limits_by_signal or (None,) * len(panel.signals)
    for signal, limit in zip(panel.signals, limits, strict=True):
        properties: dict[str, Any] = {"unit": signal.unit} if panel.view is View.TABLE else {}
        if limit:
            properties |= {"thresholds": _thresholds(limit, tunables)}
            if panel.view is View.TABLE:
                properties |= _COLORED
        if properties:
            yield override("byName", heading(signal.name) if panel.view is View.TABLE else signal.name, properties)
    if panel.view is View.TREND:
        for pattern, meaning in meanings(panel):
            yield override("byRegexp", pattern, meaning)
        for _, color in limit_lines(panel.limits, tunables):
            yield override("byName", limit_name(color), {**comparison_line(color), **_NOT_IN_LEGEND})
    if any("currency" in signal.labels for signal in panel.signals):
        for currency, unit in CURRENCIES.items():
            yield override("byName", currency, {"unit": unit})


def override(matcher: str, selected: str, properties: Mapping[str, Any]) -> Override:
    """Return an override of the fields that a matcher selects, with the value of each property."""
    return Override(
        matcher=models.MatcherConfig(matcher, selected),
        properties=[models.DynamicConfigValue(name, value) for name, value in properties.items()],
    )
