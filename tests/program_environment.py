import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from common.project import PROJECT
from manifests.charts import RELEASED, STAND_IN
from tools.stubbed_cluster import stubbed_cluster


@pytest.fixture
def cluster_answers() -> Iterator[None]:
    """A reachable cluster without claims and with every Secret, in place of the preflight checks of the real one."""
    with stubbed_cluster():
        yield


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
