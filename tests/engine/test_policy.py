"""The policy pack in real previews."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import yaml
from pulumi import automation

from manifests.artifacts import NAME, ArtifactLock, ChartDigests, files_digest
from manifests.charts import IMAGES, RELEASED
from policy.model import RELEASE as RELEASE_KIND
from policy.model import Resource
from policy.registry import RESOURCE_CHECKS
from preflight.chart_archives import folder_files
from tests.engine.engine import prepare, select, stack_of
from tests.policy.cases import BAD, BUDGET, CANARY, GOOD
from tools.checkout import Checkout
from tools.supply_chain.artifacts import rendered

DIGEST: Final = f"sha256:{'a' * 64}"
# A separate program, because the settings of this project reject many cases before the pack does.
UNSAFE: Final = '''
"""Registers the resources in resources.json."""

import json
from pathlib import Path

import pulumi
from pulumi_kubernetes import Provider

provider = Provider("cluster", context="bais-local", kubeconfig="", cluster_identifier="bais-local")
for name, (token, properties) in json.loads(Path("resources.json").read_text()).items():
    pulumi.CustomResource(token, name, properties, pulumi.ResourceOptions(provider=provider))
'''


@dataclass(frozen=True)
class Preview:
    """Result of a preview.

    Attributes:
        rejected: Policy and logical name of every rejected resource.
        messages: Messages of the policies.
        error: Any other error.
    """

    rejected: frozenset[tuple[str, str]]
    messages: str
    error: str

    @property
    def policies(self) -> set[str]:
        return {policy for policy, _ in self.rejected}


def preview(stack: automation.Stack, pack: Path) -> Preview:
    events: list[automation.EngineEvent] = []
    error = ""
    try:
        stack.preview(policy_packs=[str(pack)], on_event=events.append)
    except automation.CommandError as refusal:
        error = str(refusal)
    found = [event.policy_event for event in events if event.policy_event]
    assert [event.message for event in found if event.enforcement_level != "mandatory"] == []
    return Preview(
        rejected=frozenset((event.policy_name, (event.resource_urn or "").rpartition("::")[2]) for event in found),
        messages="\n".join(event.message for event in found),
        error=error,
    )


@pytest.fixture(scope="module")
def folder(checkout: Checkout, charts: Path | None) -> Path:
    """Folder of the checkout, with a control plane, and a recorded digest for every chart and image."""
    prepare(checkout, charts)
    record_digests(checkout.folder)
    return checkout.folder


def record_digests(folder: Path) -> None:
    """Record the charts of a checkout as they are, and a digest for each image."""
    recorded = {
        (chart.name, chart.version): ChartDigests(
            archive=DIGEST, files=files_digest(folder_files(folder / ".state" / "charts" / chart.name))
        )
        for chart in RELEASED
    }
    lock = ArtifactLock(charts=recorded, images={(image.repository, image.version): DIGEST for image in IMAGES})
    (folder / NAME).write_text(rendered(lock))


@pytest.mark.parametrize("name", ["staging", "prod"])
def test_every_stack_passes(checkout: Checkout, folder: Path, name: str) -> None:
    """Stack `local` passes in the deployment of tests/engine/snapshot.py, which enforces the pack."""
    result = preview(stack_of(checkout, name), folder / "policy")
    assert (result.error, result.messages) == ("", "")


def test_a_chart_that_differs_from_its_digest_is_refused_before_any_resource(checkout: Checkout, folder: Path) -> None:
    stack = stack_of(checkout, "prod")
    file = folder / ".state" / "charts" / "grafana" / "values.yaml"
    unchanged = file.read_text()
    file.write_text(f"{unchanged}changed: true\n")
    try:
        result = preview(stack, folder / "policy")
    finally:
        file.write_text(unchanged)
    assert "found files with sha256:" in result.error
    assert "in the folder of grafana; allowed: the unchanged files of grafana" in result.error
    assert "kubernetes:" not in result.error


def test_unsafe_settings_of_production_are_rejected(checkout: Checkout, folder: Path) -> None:
    stack = stack_of(checkout, "prod", prometheus={"replicas": 1}, alertmanager={"replicas": 2})
    result = preview(stack, folder / "policy")
    assert result.rejected == {
        ("replicas-enough", "prometheus-instance"),
        ("replicas-enough", "alertmanager-instance"),
    }
    assert "Prometheus prometheus-instance: spec.replicas: found 1; allowed: 2 or more" in result.messages


def test_paging_outside_production_is_rejected(checkout: Checkout, folder: Path) -> None:
    """In stack `local`, because the settings of staging reject it before the pack."""
    result = preview(stack_of(checkout, "local", notifications={"pagerduty": True}), folder / "policy")
    assert result.rejected == {("pages-from-production-only", "alertmanager-configuration")}, result.error


@pytest.fixture(scope="module")
def unsafe(checkout: Checkout, folder: Path) -> automation.Stack:
    """A stack `prod` of the program that registers arbitrary resources."""
    work = folder / "unsafe"
    work.mkdir()
    (work / "__main__.py").write_text(UNSAFE)
    runtime = {"name": "python", "options": {"virtualenv": "../.venv"}}
    (work / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "unsafe", "runtime": runtime}))
    return select(checkout, "prod", work)


def write(stack: automation.Stack, folder: Path, resources: Sequence[Resource]) -> None:
    chart = str(folder / ".state" / "charts" / RELEASED[0].name)
    content = {
        f"example-{number}": (
            resource.type,
            dict(resource.properties) | ({"chart": chart} if resource.kind == RELEASE_KIND else {}),
        )
        for number, resource in enumerate(resources)
    }
    (Path(stack.workspace.work_dir) / "resources.json").write_text(json.dumps(content))


def test_every_unsafe_resource_is_rejected_by_its_policy(unsafe: automation.Stack, folder: Path) -> None:
    in_pack = {check.name for check in RESOURCE_CHECKS}
    cases = [case for case in BAD if case.check in in_pack]
    write(unsafe, folder, [case.resource for case in cases])
    result = preview(unsafe, folder / "policy")
    expected = {(case.check, f"example-{number}") for number, case in enumerate(cases)}
    assert expected - result.rejected == set(), result.error
    assert {check for check, _ in expected} == in_pack - {"pages-from-production-only"}
    assert CANARY not in result.messages


def test_safe_resources_pass_except_for_the_missing_disruption_budget(unsafe: automation.Stack, folder: Path) -> None:
    write(unsafe, folder, [each for each in GOOD if "metadata" in each.properties and each is not BUDGET])
    result = preview(unsafe, folder / "policy")
    assert result.policies == {"disruption-budget"}, result.messages
    assert len(result.rejected) == 2


def test_make_up_enforces_the_policies(checkout: Checkout, folder: Path) -> None:
    stack_of(checkout, "local")
    program = folder / "__main__.py"
    program.write_text(
        program.read_text()
        + "from pulumi_kubernetes import core\n"
        + "core.v1.Service('open', metadata={'namespace': settings.namespace}, "
        + "spec={'type': 'LoadBalancer'}, opts=opts)\n"
    )
    result = checkout.run("up")
    assert result.returncode == 1
    assert "service-internal" in result.stdout
    assert "Service open: spec.type: found LoadBalancer; allowed: ClusterIP" in result.stdout
