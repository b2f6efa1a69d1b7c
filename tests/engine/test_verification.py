"""`pulumi up` of changes that the operator rejects, and Secrets that are missing.

Nodes and pods are simulated by KWOK; operator, API server, controllers and engine are real. The pods of Prometheus and
Alertmanager are simulated, too: what they load is tested in tests/cluster and tests/verification.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from common.project import PROJECT
from tools.checkout import Checkout

NOT_VERIFIED = (
    "rules and configuration accepted by the operator; not verified in simulated pods: prometheus-prometheus-0"
)
SLACK = {"name": "slack", "slackConfigs": [{"channel": "#search", "apiURL": {"name": "no-such-secret", "key": "url"}}]}
# Changes below the settings, which would refuse most of them: a file of the program, a text in it, and its replacement.
ANNOTATION = (
    "__main__.py",
    "settings = plan.settings\n",
    'settings = plan.settings\nplan.rules["cache"]["groups"][0]["rules"][0]["annotations"]["summary"] = "{{x"\n',
)
# The plan would refuse the route, too: amtool checks the rendered configuration.
UNCHECKED = ("preflight/plan.py", "    return rendered_problems(", "    return []\n    return rendered_problems(")
ROUTE = ("routing/routes.py", '"receiver": "unrouted"', '"receiver": "nowhere"')
PASSWORD = '{"name": "gone", "key": "password"}'
RECEIVER = (
    f'{{"name": "x", "url": "http://127.0.0.1:9/", "basicAuth": {{"username": {PASSWORD}, "password": {PASSWORD}}}}}'
)
SECRET = (
    "manifests/scale_out.py",
    "fields: dict[str, Any] = {}",
    f'fields: dict[str, Any] = {{"remoteWrite": [{RECEIVER}]}}',
)


def broken_route(namespace: str) -> dict[str, Any]:
    """Return a route of another team to a receiver whose Secret does not exist."""
    return {
        "apiVersion": "monitoring.coreos.com/v1alpha1",
        "kind": "AlertmanagerConfig",
        "metadata": {"name": "broken", "namespace": namespace, "labels": {"monitoring/stack": "bais"}},
        "spec": {"route": {"receiver": "slack"}, "receivers": [SLACK]},
    }


@pytest.fixture(scope="module", autouse=True)
def teams(deployed: Checkout) -> None:
    """Namespaces of two other teams; the next `up` lets the operator read the Secrets of the first."""
    for namespace in ("search", "orders"):
        deployed.control_plane.kubectl("create", "namespace", namespace)
    with deployed.edit_settings() as settings:
        settings["monitoring:operator"] |= {"secretNamespaces": ["search"]}


def pulumi_up(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    """Run plain `pulumi up`; the output includes errors."""
    return checkout.run_engine("up", "--yes", "--skip-preview", "--suppress-outputs", timeout=300)


@contextlib.contextmanager
def changed(checkout: Checkout, file: str, old: str, new: str) -> Iterator[None]:
    """Replace a text in a file of the program."""
    path = checkout.folder / file
    original = path.read_text()
    assert old in original
    path.write_text(original.replace(old, new, 1))
    try:
        yield
    finally:
        path.write_text((PROJECT / file).read_text())


REASONS = (
    "PrometheusRule monitoring/alerts-cache: PrometheusRule alerts-cache was rejected due to invalid configuration",
    "Alertmanager monitoring/alertmanager: Reconciled is False: ReconciliationFailed: provision alertmanager "
    'configuration: failed to initialize from secret: undefined receiver "nowhere" used in route',
    "Prometheus monitoring/prometheus: Reconciled is False: ReconciliationFailed: creating config failed: "
    'remoteWrite[0]: failed to get basic auth username: unable to get secret "gone"',
)


def test_up_fails_with_the_reason_of_everything_that_the_operator_rejects(deployed: Checkout) -> None:
    """A rule with an invalid template, a route to an unknown receiver, and a remote write with a missing Secret."""
    with contextlib.ExitStack() as changes:
        for change in (ANNOTATION, UNCHECKED, ROUTE, SECRET):
            changes.enter_context(changed(deployed, *change))
        result = pulumi_up(deployed)
    assert result.returncode == 1, result.stdout
    assert "the cluster does not run what was deployed, 3 problems:\n" in result.stdout
    assert [reason for reason in REASONS if f"      {reason}" not in result.stdout] == []
    assert "Traceback" not in result.stdout


def test_up_continues_after_the_correction_and_reports_a_broken_route_of_another_team_as_theirs(
    deployed: Checkout,
) -> None:
    routes = yaml.safe_dump_all([broken_route("search"), broken_route("orders")])
    deployed.control_plane.kubectl("apply", "--filename=-", text=routes)
    result = pulumi_up(deployed)
    deployed.control_plane.kubectl("delete", "--filename=-", text=routes)
    assert result.returncode == 0, result.stdout
    theirs = "warning: AlertmanagerConfig search/broken of another team is without effect, this stack is not affected"
    assert theirs in result.stdout
    unread_reason = "operator.secretNamespaces does not list its namespace"
    assert (
        f"warning: AlertmanagerConfig orders/broken of another team is without effect: {unread_reason}" in result.stdout
    )
    assert 'unable to get secret "no-such-secret"' in result.stdout
    assert NOT_VERIFIED in result.stdout
    assert "alerts-cache" not in result.stdout


def test_an_unchanged_up_changes_nothing_and_still_fails_if_the_cluster_runs_something_else(deployed: Checkout) -> None:
    kubectl = deployed.control_plane.kubectl
    kubectl("label", "prometheusrule", "alerts-cache", "--namespace=monitoring", "monitoring/stack-")
    # The operator removes the rules at once; two minutes is the time that it is given to add them.
    with changed(
        deployed, "verification/model.py", "UNNOTICED_SECONDS: Final = 120.0", "UNNOTICED_SECONDS: Final = 5.0"
    ):
        result = pulumi_up(deployed)
    kubectl("label", "prometheusrule", "alerts-cache", "--namespace=monitoring", "monitoring/stack=bais")
    assert result.returncode == 1, result.stdout
    assert (
        "PrometheusRule monitoring/alerts-cache: the operator has not passed its rules to Prometheus" in result.stdout
    )
    assert " unchanged" in result.stdout
    assert "updated" not in result.stdout


def test_missing_secrets_are_reported_at_once_before_anything_changes(deployed: Checkout) -> None:
    before = inputs(deployed)
    with deployed.edit_settings() as settings:
        settings["monitoring:postgres"][0]["secret"]["name"] = "gone"
        settings["monitoring:prometheus"]["remoteWrite"] = [
            {"name": "other", "url": "http://127.0.0.1:9/", "credentials": {"bearer": {"secret": "example"}}}
        ]
    result = pulumi_up(deployed)
    assert result.returncode == 1, result.stdout
    assert "2 problems in the settings of stack local" in result.stdout
    for line in (
        "monitoring:prometheus.remoteWrite[0].credentials.bearer.secret  found Secret example without key token",
        "monitoring:postgres[0].secret                                   found no Secret gone in namespace monitoring",
    ):
        assert line in result.stdout
    assert inputs(deployed) == before


def inputs(checkout: Checkout) -> dict[str, Any]:
    """Return the inputs of each custom resource in the state, none of which contains an encrypted value."""
    resources = checkout.deployment.export()["resources"]
    return {each["urn"]: each["inputs"] for each in resources if ":monitoring.coreos.com/" in each["type"]}
