"""Pods that are simulated or do not start, and errors in logs."""

from typing import Any

from verification.model import UNREADY_SECONDS, LogSource
from verification.pods import is_simulated_node, last_error, start_deviations


def pod(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "prometheus-0"}, "status": {"containerStatuses": [{"name": "prometheus", **status}]}}


def test_nodes_with_the_annotation_of_kwok_are_simulated() -> None:
    assert is_simulated_node({"metadata": {"annotations": {"kwok.x-k8s.io/node": "fake"}}})
    assert not is_simulated_node({"metadata": {}})
    assert not is_simulated_node(None)


def test_a_container_that_waits_for_its_secret_is_a_deviation_with_the_reason() -> None:
    waiting = {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}}
    (found,) = start_deviations(pod(ready=False, restartCount=0, state=waiting))
    assert found.text == (
        'pod prometheus-0: container prometheus does not start: CreateContainerConfigError: secret "x" not found'
    )
    assert found.patience == UNREADY_SECONDS


def test_a_container_that_crashes_has_the_same_deviation_while_it_runs_for_a_moment() -> None:
    crashed = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}
    found = list(start_deviations(pod(ready=False, restartCount=2, state=crashed)))
    assert found == list(start_deviations(pod(ready=False, restartCount=3, state={"running": {}})))
    assert found[0].log == LogSource("prometheus-0", "prometheus", previous=True)


def test_a_container_that_starts_or_has_recovered_is_no_deviation() -> None:
    creating = {"waiting": {"reason": "ContainerCreating"}}
    assert list(start_deviations(pod(ready=False, restartCount=0, state=creating))) == []
    assert list(start_deviations(pod(ready=True, restartCount=5, state={"running": {}}))) == []
    assert list(start_deviations({"metadata": {"name": "new"}})) == []


LOG = r"""
time=2026-11-28T16:00:00Z level=INFO msg="invalid rule" prometheusrule=alerts-cache namespace=m err="of cache"
time=2026-11-28T16:00:00Z level=INFO msg="invalid rule" prometheusrule=alerts-api namespace=m err="bad \"x\""
time=2026-11-28T16:00:01Z level=WARN msg="skipping" error=other
time=2026-11-28T16:00:02Z level=INFO msg=done
""".splitlines()


def test_the_cause_is_the_last_error_of_the_log_about_the_object() -> None:
    assert last_error(LOG) == "other"
    assert last_error(LOG, about="prometheusrule=alerts-api ") == 'bad "x"'
    assert last_error(LOG, about="prometheusrule=alerts") == 'bad "x"'
    assert last_error(LOG[-1:]) == ""
