"""Recovery from an interrupted deployment."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from common.project import PROJECT
from local.control_plane.lifecycle import ControlPlane
from local.deploy.deployment import RELEASE_TYPE, Deployment, delete_damaged_attributes, lock_holder
from local.deploy.helm_records import with_status
from manifests.charts import RELEASED


def write_lock(path: Path, pid: int, taken: datetime) -> Path:
    path.write_text(json.dumps({"pid": pid, "username": "x", "hostname": "y", "timestamp": taken.isoformat()}))
    return path


def test_the_lock_of_a_running_process_has_a_holder(tmp_path: Path) -> None:
    assert lock_holder(write_lock(tmp_path / "lock.json", os.getpid(), datetime.now(UTC))) == os.getpid()


def test_the_lock_of_an_ended_process_has_no_holder(tmp_path: Path) -> None:
    ended = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(ended, 0)
    assert lock_holder(write_lock(tmp_path / "lock.json", ended, datetime.now(UTC))) is None


def test_a_process_that_started_after_the_lock_is_not_its_holder(tmp_path: Path) -> None:
    assert lock_holder(write_lock(tmp_path / "lock.json", os.getpid(), datetime(2020, 1, 1, tzinfo=UTC))) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": "x"}'])
def test_a_damaged_lock_has_no_holder(tmp_path: Path, content: str) -> None:
    (tmp_path / "lock.json").write_text(content)
    assert lock_holder(tmp_path / "lock.json") is None


@pytest.mark.parametrize("content", ["", '{"user.cache'])
def test_only_damaged_attribute_files_are_deleted(tmp_path: Path, content: str) -> None:
    folder = tmp_path / ".pulumi" / "stacks"
    folder.mkdir(parents=True)
    for name, text in (("local.json", "{}"), ("local.json.attrs", content), ("prod.json.attrs", "{}")):
        (folder / name).write_text(text)
    delete_damaged_attributes(tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == ["local.json", "prod.json.attrs"]


class FakeControlPlane(ControlPlane):
    """A control plane with Helm records that logs changes to them."""

    def __init__(self, state: Path, *records: tuple[str, str]) -> None:
        super().__init__(state, "fake")
        self.records, self.done = records, list[str]()

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        if arguments[0] == "delete":
            self.done.append(f"{arguments[2]} deleted")
        if arguments[0] == "replace":
            record = json.loads(text or "")
            self.done.append(f"{record['metadata']['name']} {record['metadata']['labels']['status']}")
        records = [helm_record(version, status) for version, status in self.records]
        return json.dumps({"items": [*records, helm_record("9", "pending-upgrade", namespace="theirs")]})


def helm_record(version: str, status: str, namespace: str = "monitoring") -> dict[str, Any]:
    """Return a Helm record with the fields that `recover` reads."""
    labels = {"name": RELEASED[0].name, "status": status, "version": version}
    release = {"name": RELEASED[0].name, "version": int(version), "info": {"status": status}}
    encoded = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    return {
        "metadata": {"name": f"v{version}", "namespace": namespace, "labels": labels},
        "data": {"release": base64.b64encode(encoded).decode()},
    }


class FakeDeployment(Deployment):
    """A deployment with or without the release in its state."""

    in_state: ClassVar[bool]

    @property
    def namespaces(self) -> tuple[str, ...]:
        return ("monitoring",)

    def export(self) -> Mapping[str, Any]:
        outputs = {"namespace": "monitoring", "name": RELEASED[0].name}
        return {"resources": [{"type": RELEASE_TYPE, "outputs": outputs}] if self.in_state else []}


@pytest.mark.parametrize(
    ("in_state", "records", "done"),
    [
        (False, [("1", "pending-install")], ["v1 deleted"]),
        (False, [("1", "failed")], ["v1 deleted"]),
        (False, [("1", "deployed")], ["v1 deleted"]),
        (True, [("1", "deployed")], []),
        (True, [("1", "deployed"), ("2", "pending-upgrade")], ["v2 failed"]),
        (True, [("1", "pending-install")], ["v1 failed"]),
        (True, [("1", "failed")], []),
    ],
)
def test_only_helm_records_of_the_stack_that_block_a_deployment_are_changed(
    in_state: bool, records: list[tuple[str, str]], done: list[str], tmp_path: Path
) -> None:
    control_plane = FakeControlPlane(tmp_path, *records)
    deployment = type("Configured", (FakeDeployment,), {"in_state": in_state})(
        project=tmp_path, stack="local", control_plane=control_plane
    )
    deployment.recover()
    assert control_plane.done == done


def test_the_namespaces_of_the_stack_are_those_of_its_settings(tmp_path: Path) -> None:
    deployment = Deployment(project=PROJECT, stack="local", control_plane=FakeControlPlane(tmp_path))
    assert deployment.namespaces == ("monitoring", "monitoring-node-exporter")


def test_with_status_changes_the_label_and_the_content_and_nothing_else() -> None:
    record = helm_record("3", "pending-upgrade")
    assert decode(with_status(record, "failed")) == {**decode(record), "info": {"status": "failed"}}
    assert with_status(with_status(record, "failed"), "pending-upgrade")["metadata"] == record["metadata"]


def decode(record: Mapping[str, Any]) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(base64.b64decode(record["data"]["release"]))))
