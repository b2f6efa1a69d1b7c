"""Checks of the rules: equal to the plan, none failing, none slow."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from operations.health.model import Result, UnknownError, failed, not_all_answer, ok, unknown, warning
from operations.health.plan import HealthPlan
from operations.health.reading import Reading
from verification import operator, prometheus

# Share of its interval that the evaluation of a group may take before it needs attention.
_SLOW: Final = 0.5
_NEVER: Final = "0001-"


def accepted(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether the operator has passed exactly the planned rules to Prometheus."""
    deviations = operator.rule_deviations(plan.cluster, reading.object("rule_files"))
    count = f"{len(plan.cluster.rules) - len(deviations)} of {len(plan.cluster.rules)} rule files as planned"
    if deviations:
        yield failed(f"{count}; {deviations[0].text}", plan.redeploy)
    else:
        yield ok(count)


def loaded(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether each replica of Prometheus has loaded the planned rules and its configuration."""
    answers = reading.prometheus.all()
    generated = reading.object("prometheus_configuration")
    problems = []
    for pod, answer in reading.prometheus.by_pod.items():
        if not prometheus.is_reloaded(answer.metrics):
            problems.append(f"pod {pod}: Prometheus refuses its configuration")
        problems += [each.text for each in prometheus.loaded_rule_deviations(plan.cluster, pod, answer.groups)]
        problems += [
            each.text
            for each in prometheus.loaded_configuration_deviations(pod, answer.shard, generated, answer.configuration)
        ]
    planned = sum(len(group["rules"]) for spec in plan.cluster.rules.values() for group in spec["groups"])
    if problems:
        yield failed("; ".join(problems), plan.redeploy)
    elif len(answers) < plan.cluster.prometheus.pods:
        yield unknown(not_all_answer(f"{planned} planned rules loaded", len(answers), plan.cluster.prometheus.pods))
    else:
        yield ok(f"{planned} planned rules loaded by {len(answers)} of {plan.cluster.prometheus.pods} replicas")


def evaluated(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the rules that fail, and groups without an evaluation."""
    groups = _groups(reading)
    failing = [(group, rule) for group in groups for rule in group["rules"] if rule["health"] == "err"]
    own = [(group, rule) for group, rule in failing if _is_own(plan, group)]
    count = sum(len(group["rules"]) for group in groups)
    if failing:
        group, rule = (own or failing)[0]
        value = f"{len(failing)} of {count} fail; {rule['name']}: {rule.get('lastError', '')}"
        if own:
            yield failed(value, f"{plan.runbook('PrometheusRuleFailures')}; rule group {group['name']}")
        else:
            yield warning(value, f"send it to the team of {PurePosixPath(group['file']).name}")
    elif never := [group for group in groups if group["lastEvaluation"].startswith(_NEVER)]:
        reason = f"{len(never)} of {len(groups)} groups not evaluated yet"
        yield unknown(UnknownError(reason, "repeat in a minute"))
    else:
        yield ok(f"0 of {count} fail")


def speed(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield the group whose evaluation takes the largest share of its interval."""
    groups = _groups(reading)
    if not groups:
        raise UnknownError("no rule group is loaded", plan.redeploy)
    slowest = max(groups, key=_share)
    share = _share(slowest)
    value = (
        f"slowest group {slowest['name']}: {slowest['evaluationTime']:.2f} s of {slowest['interval']:g} s "
        f"({share:.0%} of its interval)"
    )
    action = plan.runbook("PrometheusMissingRuleEvaluations")
    if share >= 1:
        yield failed(value, action)
    elif share >= _SLOW:
        yield warning(value, action)
    else:
        yield ok(value)


def _groups(reading: Reading) -> Sequence[Mapping[str, Any]]:
    return [group for answer in reading.prometheus.all() for group in answer.groups]


def _share(group: Mapping[str, Any]) -> float:
    return float(group["evaluationTime"] / group["interval"])


def _is_own(plan: HealthPlan, group: Mapping[str, Any]) -> bool:
    name = PurePosixPath(group["file"]).name
    return any(operator.files_of(rule, plan.namespace, [name]) for rule in plan.cluster.rules)
