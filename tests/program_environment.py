import os
from pathlib import Path

import pytest
import yaml

from common.problems import Problem
from common.project import PROJECT
from manifests.charts import RELEASED, STAND_IN
from preflight.cluster_state import ClusterState
from preflight.cluster_storage import Storage


@pytest.fixture
def cluster_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reachable cluster without claims and with every Secret, in place of the preflight checks of the real one."""
    stub_cluster(monkeypatch)


def stub_cluster(monkeypatch: pytest.MonkeyPatch) -> None:

    def probe(context: str | None) -> list[Problem]:
        return []

    monkeypatch.setattr("preflight.plan.cluster_problems", probe)
    monkeypatch.setattr("preflight.plan.secret_problems", lambda context, namespace, required: [])
    monkeypatch.setattr("preflight.plan.existing_storage", lambda context, namespace: Storage())
    monkeypatch.setattr("preflight.plan.read_state", lambda settings: ClusterState())
    monkeypatch.setattr("preflight.plan.existing_values", lambda context, namespace, names: {})


@pytest.fixture
def stand_in_charts(tmp_path: Path) -> str:
    """A folder of stand-in charts, as a path relative to the project."""
    return write_charts(tmp_path / "charts", stand_in=True)


@pytest.fixture
def real_charts(tmp_path: Path) -> str:
    """A folder of charts without the stand-in annotation, as a path relative to the project."""
    return write_charts(tmp_path / "charts", stand_in=False)


def write_charts(folder: Path, *, stand_in: bool) -> str:
    for chart in RELEASED:
        metadata: dict[str, object] = {"apiVersion": "v2", "name": chart.name, "version": chart.version}
        if stand_in:
            metadata["annotations"] = {STAND_IN: "true"}
        (folder / chart.name).mkdir(parents=True)
        (folder / chart.name / "Chart.yaml").write_text(yaml.safe_dump(metadata))
    return os.path.relpath(folder, PROJECT)
