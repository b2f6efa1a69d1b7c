"""Secrets of an earlier deployment, read with a fake kubectl."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from common.problems import Problem
from common.project import PROJECT
from preflight.generated_secrets import read_generated
from preflight.plan import prepare_stack
from settings.loader import SettingsError
from tools.mocked_program import configuration

NAMES = ("grafana-admin", "grafana-files")


def secret(name: str, **values: str) -> dict[str, Any]:
    data = {key.replace("_", "-"): base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"metadata": {"name": name}, "data": data}


@pytest.mark.parametrize("printed", [[], ["grafana-files"], [*NAMES]])
def test_the_values_of_the_secrets_that_exist_are_kept(printed: list[str], kubectl: Path) -> None:
    items = [secret(name, admin_password=f"p-{name}", empty="") for name in printed]
    # kubectl prints nothing for no Secret, the Secret itself for one, and a list for several.
    content = items[0] if len(items) == 1 else {"items": items}
    (kubectl / "output").write_text(json.dumps(content) if items else "")
    assert read_generated(None, "monitoring", NAMES, adopted=False) == (
        {name: {"admin-password": f"p-{name}"} for name in printed},
        [],
    )


@pytest.mark.parametrize(("manager", "found"), [("kubectl-create", 1), ("pulumi-kubernetes-1a2b", 0)])
def test_in_an_adopted_namespace_a_secret_of_another_owner_is_refused(manager: str, found: int, kubectl: Path) -> None:
    content = secret("grafana-admin", admin_password="p")
    content |= {"kind": "Secret", "metadata": {**content["metadata"], "managedFields": [{"manager": manager}]}}
    (kubectl / "output").write_text(json.dumps(content))
    _, problems = read_generated(None, "monitoring", NAMES, adopted=True)
    assert [each.found for each in problems] == ["monitoring, where another owner has Secret grafana-admin"] * found
    assert read_generated(None, "monitoring", NAMES, adopted=False)[1] == []


def test_a_deployment_that_could_replace_a_value_it_cannot_read_is_refused(
    kubectl: Path, cluster_answers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preflight.plan.read_generated", read_generated)
    (kubectl / "errors").write_text("Error from server (Forbidden): secrets is forbidden")
    (kubectl / "status").write_text("1")
    with pytest.raises(SettingsError) as raised:
        prepare_stack(configuration("prod", "upstream"), PROJECT)
    assert list(raised.value.problems) == [
        Problem(
            "monitoring:cluster.context",
            "Secrets grafana-admin, grafana-files in namespace monitoring cannot be read (no permission)",
            "a kubectl and an account that can get them, because Grafana's volume depends on their values",
        )
    ]
