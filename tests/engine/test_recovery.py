"""A stack whose state is lost or has unfinished operations, on the real engine; the tests run in file order.

Nodes and pods are simulated; API server, operator, Helm and engine are real. Grafana does not run: what is tested is
that everything its volume depends on stays the same.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.tools.toolset import binary
from tests.engine.interruption import read_until
from tools.checkout import Checkout


def identities(checkout: Checkout) -> dict[str, str]:
    listed = checkout.control_plane.kubectl(
        "get", "persistentvolumeclaims,pods,statefulsets,services", "--namespace=monitoring", "--output=json"
    )
    # Pods of Deployments are replaced when Helm renders their labels again.
    return {
        f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["uid"]
        for each in json.loads(listed)["items"]
        if each["kind"] != "Pod" or each["metadata"]["name"].startswith(("prometheus-prometheus", "alertmanager-"))
    }


def generated(checkout: Checkout) -> dict[str, dict[str, str]]:
    names = ("grafana-admin", "grafana-files")
    listed = checkout.control_plane.kubectl("get", "secret", *names, "--namespace=monitoring", "--output=json")
    return {each["metadata"]["name"]: each["data"] for each in json.loads(listed)["items"]}


def state_of(checkout: Checkout) -> dict[str, Any]:
    exported: dict[str, Any] = json.loads(checkout.run_engine("stack", "export", timeout=60).stdout)
    return exported


def test_in_a_deployed_stack_only_the_lock_of_a_killed_command_is_released(deployed: Checkout) -> None:
    lock = deployed.deployment.backend / ".pulumi" / "locks" / "organization" / "monitoring" / "local" / "killed.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": 2**22, "username": "a", "hostname": "b", "timestamp": "2026-01-01T00:00:00Z"}))
    locked = deployed.run_engine("refresh", "--yes", timeout=60)
    assert "the stack is currently locked" in locked.stdout
    result = deployed.recover("--yes")
    (step, done, last) = result.stdout.splitlines()
    assert step == "- release the lock of the state, if a killed command has left one"
    assert (result.returncode, done, last) == (0, f"done: {step[2:]}", "now run: make up STACK=local")
    assert not lock.exists()


def test_unfinished_operations_are_removed_from_the_state(deployed: Checkout) -> None:
    # In its file, because the engine itself leaves them out when it imports a state.
    (file,) = deployed.deployment.backend.glob(".pulumi/stacks/*/local.json")
    content = json.loads(file.read_text())
    latest = content["checkpoint"]["latest"]
    interrupted = next(each for each in latest["resources"] if each["type"].endswith(":Service"))
    latest["pending_operations"] = [{"resource": interrupted, "type": "updating"}]
    file.write_text(json.dumps(content))
    name = interrupted["urn"].rpartition("::")[2]
    result = deployed.recover("--yes")
    assert result.returncode == 0, result.stdout
    assert f"done: remove from the state: unfinished operations on {name}" in result.stdout
    assert not state_of(deployed)["deployment"].get("pending_operations")


def without_passphrase(checkout: Checkout, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a plain `pulumi` command of someone who does not know the passphrase of the stack."""
    return subprocess.run(
        [str(binary("pulumi")), *arguments, "--stack=local", "--non-interactive"],
        cwd=checkout.folder,
        env=os.environ | checkout.deployment.environment() | {"PULUMI_CONFIG_PASSPHRASE": "forgotten"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_the_passphrase_the_documented_commands_remove_the_state(deployed: Checkout) -> None:
    refused = without_passphrase(deployed, "preview")
    assert refused.returncode
    assert "incorrect passphrase" in refused.stdout + refused.stderr
    secrets = json.loads(deployed.run_engine("config", "--show-secrets", "--json", timeout=60).stdout)
    exported = without_passphrase(deployed, "stack", "export")
    assert json.loads(exported.stdout)["deployment"]["resources"]
    removed = without_passphrase(deployed, "stack", "rm", "--force", "--preserve-config", "--yes")
    assert removed.returncode == 0, removed.stderr
    # As documented: without the values that can no longer be decrypted. The new passphrase is again that of the tests.
    file = deployed.folder / "Pulumi.local.yaml"
    content = yaml.safe_load(file.read_text())
    del content["encryptionsalt"]
    encrypted = [
        key for key, value in content["config"].items() if isinstance(value, dict) and set(value) == {"secure"}
    ]
    for key in encrypted:
        del content["config"][key]
    file.write_text(yaml.safe_dump(content))
    deployed.deployment.select()
    for key in encrypted:
        set_again = deployed.run_engine("config", "set", "--secret", key, secrets[key]["value"], timeout=60)
        assert set_again.returncode == 0, set_again.stdout
    assert len(encrypted) == 5
    assert "resources" not in state_of(deployed)["deployment"]


def test_without_confirmation_nothing_changes(deployed: Checkout) -> None:
    before = deployed.control_plane.kubectl("get", "secrets", "--all-namespaces", "--output=name")
    result = deployed.recover()
    assert result.returncode == 1
    assert "- delete Helm record sh.helm.release.v1.grafana.v1: the state does not have the release" in result.stdout
    assert deployed.control_plane.kubectl("get", "secrets", "--all-namespaces", "--output=name") == before


def test_a_stack_whose_state_is_lost_is_adopted_with_everything_its_volumes_depend_on(deployed: Checkout) -> None:
    objects, secrets = identities(deployed), generated(deployed)
    assert len(objects) > 15
    assert set(secrets) == {"grafana-admin", "grafana-files"}
    result = deployed.recover("--yes")
    assert result.returncode == 0, result.stdout
    assert result.stdout.endswith("now run: make up STACK=local\n")
    # The plain engine, as on any other cluster.
    updated = deployed.run_engine("up", "--yes", "--skip-preview", timeout=400)
    assert updated.returncode == 0, updated.stdout
    assert identities(deployed) == objects
    assert generated(deployed) == secrets


def test_the_next_up_changes_nothing(deployed: Checkout) -> None:
    preview = deployed.run_engine("preview", "--expect-no-changes", timeout=200)
    assert preview.returncode == 0, preview.stdout


def test_a_second_workstation_continues_with_the_same_state_but_not_while_the_first_deploys(
    deployed: Checkout, tmp_path: Path
) -> None:
    """It has the same files in another folder, the same backend, passphrase and cluster, and nothing else."""
    second = Checkout(tmp_path / "second")
    second.provide_charts()
    shutil.copy2(deployed.folder / "Pulumi.local.yaml", second.folder)
    second.deployment = deployed.deployment
    preview = second.run_engine("preview", "--expect-no-changes", timeout=200)
    assert preview.returncode == 0, preview.stdout
    with deployed.start_engine("up", "--yes", "--skip-preview") as running:
        read_until(running, "Updating (local)")
        refused = second.run_engine("up", "--yes", "--skip-preview", timeout=200)
        output, _ = running.communicate(timeout=300)
    assert running.returncode == 0, output
    assert refused.returncode == 1, refused.stdout
    assert "the stack is currently locked" in refused.stdout
    assert "Traceback" not in refused.stdout


@pytest.mark.parametrize("name", ["grafana-admin", "grafana-files"])
def test_a_destroyed_stack_leaves_what_its_retained_volumes_depend_on(deployed: Checkout, name: str) -> None:
    state = state_of(deployed)["deployment"]["resources"]
    (secret,) = (each for each in state if each["type"].endswith(":Secret") and each["urn"].endswith(f"::{name}"))
    claims = {each.get("retainOnDelete", False) for each in state if each["type"].endswith(":PersistentVolumeClaim")}
    assert {secret.get("retainOnDelete", False)} == claims


def test_no_value_of_the_retained_secrets_is_in_the_state(deployed: Checkout) -> None:
    text = json.dumps(state_of(deployed))
    encoded = [value for values in generated(deployed).values() for value in values.values()]
    plain = [base64.b64decode(value).decode() for value in encoded]
    # The name of the administrator is no secret.
    assert [value for value in (*encoded, *plain) if len(value) > 10 and value in text] == []
