"""Rules and configuration that each pod of Prometheus has loaded."""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import promql_parser
import yaml

from common.durations import is_duration, parse_duration
from verification.alertmanager import metric_value
from verification.model import ClusterPlan, Deviation
from verification.operator import files_of

# Sections of the configuration that are the stack's own; of scrape jobs, many of which are other teams', only the names
# are compared.
_OWN_SECTIONS: Final = ("global", "rule_files", "alerting", "remote_write")
# Sizes, for which Prometheus takes all units as powers of 1024.
_UNITS: Final = " KMGTPE"
_SIZE_PART: Final = re.compile(r"([0-9]+)([KMGTPE])i?B")
_SIZE: Final = re.compile(rf"(?:{_SIZE_PART.pattern})+")
# Prometheus shows this instead of a credential.
_HIDDEN: Final = "<secret>"


def loaded_rule_deviations(plan: ClusterPlan, pod: str, groups: Iterable[Mapping[str, Any]]) -> list[Deviation]:
    """Return whether a pod has loaded other groups than the planned ones; `groups` are those of `/api/v1/rules`."""
    loaded: dict[str, list[Mapping[str, Any]]] = {}
    for group in groups:
        loaded.setdefault(PurePosixPath(group["file"]).name, []).append(group)
    different = []
    for name, spec in plan.rules.items():
        planned = {group["name"]: [_planned_rule(rule) for rule in group["rules"]] for group in spec["groups"]}
        candidates = [
            {group["name"]: [_loaded_rule(rule) for rule in group["rules"]] for group in loaded[file]}
            for file in files_of(name, plan.namespace, loaded)
        ]
        if planned not in candidates:
            different.append(name)
    if not different:
        return []
    return [Deviation(f"pod {pod}: Prometheus has not loaded the planned rules of {', '.join(different)}")]


def is_reloaded(metrics: str) -> bool:
    """Return whether the last reload succeeded; else Prometheus continues with its previous rules and configuration."""
    return metric_value(metrics, "prometheus_config_last_reload_successful") == 1


def loaded_configuration_deviations(pod: str, shard: str, generated: str, loaded: str) -> list[Deviation]:
    """Return whether a pod has loaded something else than the generated configuration.

    Prometheus shows the loaded one with all defaults and without credentials.
    """
    text = generated.replace("$(POD_NAME)", pod).replace("$(SHARD)", shard)
    wanted, found = _load(text), _load(loaded)
    different = [key for key in _OWN_SECTIONS if not _contains(found.get(key), wanted.get(key))]
    if _job_names(wanted) != _job_names(found):
        different.append("scrape_configs")
    if not different:
        return []
    sections = ", ".join(different)
    return [Deviation(f"pod {pod}: Prometheus has not loaded the planned configuration ({sections})")]


def _job_names(configuration: Mapping[str, Any]) -> set[str]:
    return {job["job_name"] for job in configuration.get("scrape_configs") or ()}


def _load(text: str) -> Mapping[str, Any]:
    content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return content if isinstance(content, Mapping) else {}


def _contains(loaded: object, generated: object) -> bool:
    """Return whether a loaded value is the generated one, possibly with defaults, which are never empty."""
    if loaded == _HIDDEN or (loaded is None and not generated):
        return True
    if isinstance(generated, Mapping):
        return isinstance(loaded, Mapping) and all(
            _contains(loaded.get(key), value) for key, value in generated.items()
        )
    if isinstance(generated, list):
        return isinstance(loaded, list) and len(loaded) == len(generated) and all(map(_contains, loaded, generated))
    return _comparable(loaded) == _comparable(generated)


def _comparable(value: object) -> object:
    """Return a duration in seconds and a size in bytes, because `60s` is loaded as `1m`, and `64MB` as `64MiB`."""
    if not isinstance(value, str):
        return value
    if is_duration(value):
        return parse_duration(value)
    if _SIZE.fullmatch(value):
        return sum(int(count) * 1024 ** _UNITS.index(unit) for count, unit in _SIZE_PART.findall(value))
    return value


def _planned_rule(rule: Mapping[str, Any]) -> tuple[object, ...]:
    return _rule(
        rule.get("alert") or rule["record"],
        rule["expr"],
        _seconds(rule.get("for")),
        _seconds(rule.get("keep_firing_for")),
        rule,
    )


def _loaded_rule(rule: Mapping[str, Any]) -> tuple[object, ...]:
    return _rule(rule["name"], rule["query"], rule.get("duration", 0), rule.get("keepFiringFor", 0), rule)


def _rule(
    name: str, expression: str, duration: float, keep_firing: float, rule: Mapping[str, Any]
) -> tuple[object, ...]:
    labels, annotations = rule.get("labels") or {}, rule.get("annotations") or {}
    return (name, _normalized(expression), duration, keep_firing, labels, annotations)


def _normalized(expression: str) -> str:
    """Return an expression in the parser's own format; Prometheus prints it without comments and in one line."""
    try:
        return promql_parser.parse(expression).prettify()
    except ValueError:  # What an earlier program has deployed may use functions that this parser does not know.
        return expression


def _seconds(duration: str | None) -> float:
    return parse_duration(duration) if duration else 0
