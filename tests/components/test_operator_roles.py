"""Roles of the operator in the program: instead of those of the chart, and before the operator starts."""

from __future__ import annotations

from typing import Final

import pytest

from preflight.cluster_state import ClusterState
from tests.components.production import run_production
from tools.mocked_program import Run

RBAC: Final = "kubernetes:rbac.authorization.k8s.io/v1"


@pytest.fixture
def done(cluster_answers: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A stack whose operator may read the Secrets of namespace `search`."""
    named = {("namespace", "search"): {"kind": "Namespace", "metadata": {"name": "search"}}}
    monkeypatch.setattr("preflight.plan.read_state", lambda settings: ClusterState(named=named))
    return run_production(operator={"secretNamespaces": ["search"]})


def test_the_roles_replace_those_of_the_chart_and_are_bound_before_the_operator_starts(done: Run) -> None:
    release = done.one("kubernetes:helm.sh/v3:Release", "operator-release")
    assert release.inputs["values"]["global"] == {"rbac": {"create": False}}
    bindings = [
        done.one(f"{RBAC}:ClusterRoleBinding", "operator-cluster-role-binding"),
        done.one(f"{RBAC}:RoleBinding", "operator-role-binding"),
        done.one(f"{RBAC}:RoleBinding", "operator-role-binding-search"),
    ]
    account = {"kind": "ServiceAccount", "name": "prometheus-operator", "namespace": "monitoring"}
    assert [each.inputs["subjects"] for each in bindings] == [[account]] * 3
    assert [each.inputs["metadata"].get("namespace") for each in bindings] == [None, "monitoring", "search"]
    assert {each.name for each in bindings} <= release.dependencies


def test_routes_are_read_where_secrets_are_readable(done: Run) -> None:
    release = done.one("kubernetes:helm.sh/v3:Release", "operator-release")
    operator = release.inputs["values"]["prometheusOperator"]
    assert operator["alertmanagerConfigNamespaces"] == ["monitoring", "search"]
