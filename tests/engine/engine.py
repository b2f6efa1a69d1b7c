"""Stacks of a checkout in the Automation API, and the steps of the engine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation

from common.exporters import EXPORTERS
from common.project import PROJECT
from local.tools.toolset import set_folder
from manifests.charts import RELEASED, Chart
from preflight.secrets import required_keys
from settings.credentials import required_in_config
from settings.loader import build_settings, load_sections
from settings.sources import from_file
from tools.canaries import canary
from tools.checkout import Checkout
from tools.mocked_program import configuration


def prepare(checkout: Checkout, charts: Path | None) -> None:
    """Start the control plane and provide charts.

    Stand-in charts lose their mark, so that every environment accepts them.
    """
    assert checkout.run("cluster").returncode == 0
    checkout.provide_charts(charts)
    remove_marks(checkout.charts)


def remove_marks(charts: Path) -> None:
    """Remove the mark of stand-in charts from a folder."""
    for chart in RELEASED:
        file = charts / chart.name / "Chart.yaml"
        metadata = yaml.safe_load(file.read_text())
        metadata.pop("annotations", None)
        file.write_text(yaml.safe_dump(metadata))


def deployed_charts(stack: str) -> list[Chart]:
    """Return the charts that a stack file has the program release."""
    settings = build_settings(load_sections(configuration(stack, "upstream")))
    missing = [exporter.chart for exporter in EXPORTERS if not settings.has_exporter(exporter)]
    return [chart for chart in RELEASED if chart.name not in missing]


def stack_of(checkout: Checkout, name: str, **settings: Mapping[str, Any]) -> automation.Stack:
    """Return a stack with the settings of its file and these changes.

    Cluster and charts are local.
    """
    path = checkout.folder / f"Pulumi.{name}.yaml"
    shutil.copy2(PROJECT / path.name, path)
    content = yaml.safe_load(path.read_text())
    config = content["config"]
    config["monitoring:cluster"]["context"] = "bais-local"
    config["monitoring:charts"] = {"source": ".state/charts"}
    for section, changes in settings.items():
        config[f"monitoring:{section}"] = config.get(f"monitoring:{section}", {}) | changes
    path.write_text(yaml.safe_dump(content))
    written = from_file(path, checkout.folder / "Pulumi.yaml")
    missing = [each for each in required_in_config(written.values["notifications"]) if each.key not in written.secrets]
    return select(checkout, name, secrets={f"monitoring:{each.key}": canary(each) for each in missing})


def select(
    checkout: Checkout, name: str = "local", work: Path | None = None, secrets: Mapping[str, str] | None = None
) -> automation.Stack:
    """Create or select a stack and set secrets.

    The program is the one in `work`, by default that of the checkout.
    """
    checkout.deployment.backend.mkdir(parents=True, exist_ok=True)
    provide_secrets(checkout, name)
    stack = automation.create_or_select_stack(
        stack_name=name,
        work_dir=str(work or checkout.folder),
        opts=automation.LocalWorkspaceOptions(
            env_vars=checkout.deployment.environment() | {"PULUMI_STACK": name},
            pulumi_command=automation.PulumiCommand(root=str(set_folder())),
        ),
    )
    stack.set_all_config({key: automation.ConfigValue(value, secret=True) for key, value in (secrets or {}).items()})
    return stack


def provide_secrets(checkout: Checkout, name: str) -> None:
    """Provide every Secret that the settings of a stack name, and its namespace, as other teams do in advance.

    Keys that exist keep their value.
    """
    written = from_file(checkout.folder / f"Pulumi.{name}.yaml", checkout.folder / "Pulumi.yaml")
    kubectl = checkout.control_plane.kubectl
    listed = json.loads(kubectl("get", "secrets", "--namespace=monitoring", "--output=json"))["items"]
    present = {each["metadata"]["name"]: set(each.get("data", {})) for each in listed}
    missing: dict[str, dict[str, str]] = {}
    for required in required_keys(load_sections(written).sections):
        if required.key not in present.get(required.secret, set()):
            missing.setdefault(required.secret, {})[required.key] = "value"
    if missing and not kubectl("get", "namespace", "monitoring", "--ignore-not-found", "--output=name"):
        kubectl("create", "namespace", "monitoring")
    for secret, values in missing.items():
        if secret not in present:
            kubectl("create", "secret", "generic", secret, "--namespace=monitoring")
        patch = json.dumps({"stringData": values})
        kubectl("patch", "secret", secret, "--namespace=monitoring", "--type=merge", f"--patch={patch}")


def steps(act: Callable[..., object]) -> set[tuple[str, str]]:
    """Return operation and logical name of every resource that changes.

    `act` is `stack.up` or `stack.preview`.
    """
    seen: set[tuple[str, str]] = set()

    def note(event: automation.EngineEvent) -> None:
        step = event.resource_pre_event
        if step is not None and step.metadata.op not in (automation.OpType.SAME, automation.OpType.READ):
            seen.add((str(step.metadata.op.value), step.metadata.urn.rpartition("::")[2]))

    act(on_event=note)
    return seen
