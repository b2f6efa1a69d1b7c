"""What an ended run left is never in the way, and a living engine is never disturbed."""

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

from local.control_plane.lifecycle import ControlPlane
from local.deploy.deployment import RELEASE_TYPE, Deployment, delete_damaged_attributes, lock_holder
from local.deploy.helm_records import with_status
from manifests.charts import RELEASED


def write_lock(path: Path, pid: int, taken: datetime) -> Path:
    path.write_text(json.dumps({"pid": pid, "username": "x", "hostname": "y", "timestamp": taken.isoformat()}))
    return path


def test_the_lock_of_a_living_process_has_a_holder(tmp_path: Path) -> None:
    assert lock_holder(write_lock(tmp_path / "lock.json", os.getpid(), datetime.now(UTC))) == os.getpid()


def test_the_lock_of_an_ended_process_has_none(tmp_path: Path) -> None:
    ended = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(ended, 0)
    assert lock_holder(write_lock(tmp_path / "lock.json", ended, datetime.now(UTC))) is None


def test_a_process_that_is_younger_than_the_lock_is_not_its_holder(tmp_path: Path) -> None:
    assert lock_holder(write_lock(tmp_path / "lock.json", os.getpid(), datetime(2020, 1, 1, tzinfo=UTC))) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pid": "x"}'])
def test_a_damaged_lock_has_no_holder(tmp_path: Path, content: str) -> None:
    (tmp_path / "lock.json").write_text(content)
    assert lock_holder(tmp_path / "lock.json") is None


@pytest.mark.parametrize("content", ["", '{"user.cache'])
def test_attributes_that_a_killed_engine_left_damaged_are_dropped_and_others_kept(tmp_path: Path, content: str) -> None:
    folder = tmp_path / ".pulumi" / "stacks"
    folder.mkdir(parents=True)
    for name, text in (("local.json", "{}"), ("local.json.attrs", content), ("prod.json.attrs", "{}")):
        (folder / name).write_text(text)
    delete_damaged_attributes(tmp_path)
    assert sorted(file.name for file in folder.iterdir()) == ["local.json", "prod.json.attrs"]


class StandInControlPlane(ControlPlane):
    """Stands in for a control plane: holds Helm's records of one release, and notes what is done to them."""

    def __init__(self, state: Path, *records: tuple[str, str]) -> None:
        super().__init__(state, "stand-in")
        self.records, self.done = records, list[str]()

    def kubectl(self, *arguments: str, text: str | None = None) -> str:
        if arguments[0] == "delete":
            self.done.append(f"{arguments[4]} deleted")
        if arguments[0] == "replace":
            record = json.loads(text or "")
            self.done.append(f"{record['metadata']['name']} {record['metadata']['labels']['status']}")
        return json.dumps({"items": [written(version, status) for version, status in self.records]})


def written(version: str, status: str) -> dict[str, Any]:
    """A record as Helm writes it, for what `recover` reads of it."""
    labels = {"name": RELEASED[0].name, "status": status, "version": version}
    release = {"name": RELEASED[0].name, "version": int(version), "info": {"status": status}}
    encoded = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    return {
        "metadata": {"name": f"v{version}", "namespace": "monitoring", "labels": labels},
        "data": {"release": base64.b64encode(encoded).decode()},
    }


class KnownOrNot(Deployment):
    """A deployment whose engine knows, or does not know, the release."""

    known: ClassVar[bool]

    def export(self) -> Mapping[str, Any]:
        outputs = {"namespace": "monitoring", "name": RELEASED[0].name}
        return {"resources": [{"type": RELEASE_TYPE, "outputs": outputs}] if self.known else []}


@pytest.mark.parametrize(
    ("known", "records", "done"),
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
def test_only_records_that_stand_in_the_way_are_cleared(
    known: bool, records: list[tuple[str, str]], done: list[str], tmp_path: Path
) -> None:
    control_plane = StandInControlPlane(tmp_path, *records)
    deployment = type("Chosen", (KnownOrNot,), {"known": known})(
        project=tmp_path, stack="local", control_plane=control_plane
    )
    deployment.recover()
    assert control_plane.done == done


def test_a_record_gets_its_status_in_the_label_and_in_itself_and_keeps_the_rest() -> None:
    record = written("3", "pending-upgrade")
    assert read(with_status(record, "failed")) == {**read(record), "info": {"status": "failed"}}
    assert with_status(with_status(record, "failed"), "pending-upgrade")["metadata"] == record["metadata"]


def read(record: Mapping[str, Any]) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(base64.b64decode(record["data"]["release"]))))
