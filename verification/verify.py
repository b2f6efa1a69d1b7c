"""Comparison of a cluster with the plan of its stack after `up`, repeated until they agree or a deviation is final."""

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import yaml

from verification import alertmanager, operator, pods, prometheus
from verification.cluster import ClusterError, ClusterReader, cluster_reader
from verification.model import (
    DEADLINE_SECONDS,
    REJECTED_SECONDS,
    STALE_SECONDS,
    UNREADY_SECONDS,
    ClusterPlan,
    Deviation,
    Instance,
    LogSource,
    one_line,
)
from verification.stack_reader import StackReader

_PAUSE_SECONDS: Final = 2.0
_THREADS: Final = 8
_LOG_LINES: Final = 200
# Pod of the operator, by its chart.
_OPERATOR_SELECTOR: Final = "app.kubernetes.io/name=kube-prometheus-stack-prometheus-operator"
_ROUTES: Final = "/apis/monitoring.coreos.com/v1alpha1"
_SHARD_LABEL: Final = "operator.prometheus.io/shard"
_GUIDE: Final = "docs/operations/troubleshooting.md#verification-after-up"


class VerificationError(Exception):
    """The cluster does not run what was planned; the message has one line per deviation."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Result of a successful comparison, as lines: what could not be compared, and what other teams must correct."""

    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def verify(plan: ClusterPlan, report: Callable[[str], None] = lambda _: None) -> Verified:
    """Wait until the cluster runs the plan.

    `report` gets the deviation that is waited for, whenever it is another one. Raises VerificationError.
    """
    started = time.monotonic()
    first_seen: dict[str, float] = {}
    reloaded: set[str] = set()
    reported = ""
    try:
        with cluster_reader(plan.context) as cluster, ThreadPoolExecutor(_THREADS) as threads:
            while True:
                comparison = _Comparison(plan, cluster, threads, reloaded)
                deviations = comparison.deviations()
                if not deviations:
                    return comparison.verified()
                now = time.monotonic()
                first_seen = {each.text: first_seen.get(each.text, now) for each in deviations}
                final = [each for each in deviations if now - first_seen[each.text] >= each.patience]
                if final or now - started >= DEADLINE_SECONDS:
                    # With every other rejection, although it may be newer.
                    shown = [each for each in deviations if each in final or each.patience <= REJECTED_SECONDS]
                    raise VerificationError(_message([comparison.explain(each) for each in shown or deviations]))
                if deviations[0].text != reported:
                    reported = deviations[0].text
                    report(reported)
                time.sleep(_PAUSE_SECONDS)
    except ClusterError as error:
        raise VerificationError(_message([f"the cluster could not be read: {error}"])) from None


def _message(lines: Sequence[str]) -> str:
    count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
    listed = "\n".join(f"  {line}" for line in lines)
    return f"the cluster does not run what was deployed, {count}:\n{listed}\nsee {_GUIDE}"


class _Comparison:
    """One comparison of the plan with the cluster.

    `reloaded` has the pods whose last reload succeeded in this or an earlier comparison.
    """

    def __init__(
        self, plan: ClusterPlan, cluster: ClusterReader, threads: ThreadPoolExecutor, reloaded: set[str]
    ) -> None:
        self._plan, self._cluster, self._threads, self._reloaded = plan, cluster, threads, reloaded
        self._stack = StackReader(plan, cluster)
        self._simulated: list[str] = []
        self._of_other_teams: list[str] = []
        self._generated: dict[str, str] = {}

    def deviations(self) -> list[Deviation]:
        """Return every deviation: of the operator and of starting pods first and, without any, of the pods."""
        try:
            prometheus_pods, alertmanager_pods = map(self._stack.pods, (self._plan.prometheus, self._plan.alertmanager))
            return self._accepted([*prometheus_pods, *alertmanager_pods]) or self._loaded(
                prometheus_pods, alertmanager_pods
            )
        except (ClusterError, LookupError, TypeError, ValueError, yaml.YAMLError) as error:
            # The latter for a response in another form than expected, such as one of a proxy on the way.
            text = one_line(f"the cluster could not be read: {error or type(error).__name__}")
            return [Deviation(text, UNREADY_SECONDS)]

    def verified(self) -> Verified:
        """Return the result of a comparison without deviations."""
        notes = []
        if self._simulated:
            names = ", ".join(self._simulated)
            notes.append(f"rules and configuration accepted by the operator; not verified in simulated pods: {names}")
        return Verified(notes=tuple(notes), warnings=(*self._of_other_teams, *self._unread_routes()))

    def _unread_routes(self) -> Iterable[str]:
        if self._plan.route_namespaces is None:
            return ()
        selector = ",".join(f"{key}={value}" for key, value in self._plan.selector.items())
        found = self._cluster.get(f"{_ROUTES}/alertmanagerconfigs", labelSelector=selector)
        return operator.unread_routes((found or {}).get("items", ()), self._plan.route_namespaces)

    def explain(self, deviation: Deviation) -> str:
        """Return the line of a deviation, with its cause from a log if there is one."""
        if deviation.log is None:
            return deviation.text
        cause = ""
        with contextlib.suppress(ClusterError):
            cause = self._logged_error(deviation.log)
        return f"{deviation.text}: {cause}" if cause else deviation.text

    def _accepted(self, found_pods: Iterable[Mapping[str, Any]]) -> list[Deviation]:
        """Return deviations of what the operator has accepted, and of pods that do not start."""
        plan = self._plan
        prometheus_found, alertmanager_found = self._threads.map(
            self._stack.instance, (plan.prometheus, plan.alertmanager)
        )
        files = self._stack.rule_files()
        self._generated = self._stack.alertmanager_files()
        stateful_sets = self._stack.stateful_sets()
        return [
            *self._rejected(files),
            *operator.instance_deviations(plan.prometheus, plan.namespace, prometheus_found, stateful_sets),
            *operator.instance_deviations(plan.alertmanager, plan.namespace, alertmanager_found, stateful_sets),
            *operator.rule_deviations(plan, files),
            *alertmanager.configuration_deviations(plan, self._generated),
            *(deviation for pod in found_pods for deviation in pods.start_deviations(pod)),
        ]

    def _rejected(self, files: Iterable[str]) -> list[Deviation]:
        """Return the stack's own objects that the operator rejects; keep those of other teams."""
        deviations = []
        for rejection in self._stack.rejections(files, self._generated):
            if rejection.namespace == self._plan.namespace:
                deviations.append(Deviation(f"{rejection.title}: {rejection.message}", REJECTED_SECONDS, rejection.log))
            else:
                text = f"{rejection.title} of another team is without effect, this stack is not affected"
                self._of_other_teams.append(f"{text}: {rejection.message}")
        return deviations

    def _loaded(
        self, prometheus_pods: Iterable[Mapping[str, Any]], alertmanager_pods: Iterable[Mapping[str, Any]]
    ) -> list[Deviation]:
        """Return deviations of what each pod has loaded; a simulated pod is never connected to."""
        checks = [(self._prometheus_deviations, pod) for pod in self._real(prometheus_pods)]
        checks += [(self._alertmanager_deviations, pod) for pod in self._real(alertmanager_pods)]
        found = self._threads.map(lambda check: check[0](check[1]), checks)
        return [deviation for deviations in found for deviation in deviations]

    def _real(self, found_pods: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        real = []
        for pod in found_pods:
            if self._stack.is_simulated(pod):
                self._simulated.append(pod["metadata"]["name"])
            else:
                real.append(pod)
        return real

    def _prometheus_deviations(self, pod: Mapping[str, Any]) -> list[Deviation]:
        name, shard = pod["metadata"]["name"], pod["metadata"]["labels"].get(_SHARD_LABEL, "0")
        generated = self._stack.prometheus_configuration()
        try:
            with self._cluster.pod(self._plan.namespace, name, self._plan.prometheus.port) as request:
                groups = json.loads(request("/api/v1/rules?exclude_alerts=true"))["data"]["groups"]
                loaded = json.loads(request("/api/v1/status/config"))["data"]["yaml"]
                metrics = request("/metrics")
        except ClusterError as error:
            return [Deviation(f"pod {name}: {error}", UNREADY_SECONDS)]
        if not prometheus.is_reloaded(metrics):
            return [self._refused(self._plan.prometheus, name)]
        self._reloaded.add(name)
        return [
            *prometheus.loaded_rule_deviations(self._plan, name, groups),
            *prometheus.loaded_configuration_deviations(name, shard, generated, loaded),
        ]

    def _alertmanager_deviations(self, pod: Mapping[str, Any]) -> list[Deviation]:
        name = pod["metadata"]["name"]
        try:
            with self._cluster.pod(self._plan.namespace, name, self._plan.alertmanager.port) as request:
                metrics = request("/metrics")
        except ClusterError as error:
            return [Deviation(f"pod {name}: {error}", UNREADY_SECONDS)]
        if not alertmanager.is_reloaded(metrics):
            return [self._refused(self._plan.alertmanager, name)]
        self._reloaded.add(name)
        return alertmanager.loaded_deviations(name, self._generated, metrics)

    def _refused(self, instance: Instance, pod: str) -> Deviation:
        """Return the deviation of a failed reload.

        If an earlier one succeeded during this `up`, the failed one is not left from before.
        """
        patience = REJECTED_SECONDS if pod in self._reloaded else STALE_SECONDS
        log = LogSource(pod, instance.container)
        return Deviation(f"pod {pod}: {instance.kind} refuses its configuration", patience, log)

    def _logged_error(self, log: LogSource) -> str:
        pod = log.pod or next(
            (each["metadata"]["name"] for each in self._stack.objects("pods", labelSelector=_OPERATOR_SELECTOR)), ""
        )
        parameters = {"container": log.container, "tailLines": str(_LOG_LINES), "previous": str(log.previous).lower()}
        path = f"/api/v1/namespaces/{self._plan.namespace}/pods/{pod}/log"
        lines = self._cluster.get_text(path, **parameters) or ""
        return pods.last_error(lines.splitlines(), about=log.about)
