"""The default values of the pinned charts, for the test that compares the program's own keys with them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.deploy.charts import STAND_INS
from manifests.charts import Chart

VARIABLE = "CHART_VALUES"
SIBLING = Path(__file__).resolve().parents[2] / "shared" / "charts"


@dataclass(frozen=True)
class ChartValues:
    """Where default values come from, in words and as a folder."""

    description: str
    folder: Path

    def of(self, chart: Chart) -> dict[str, Any]:
        """The default values of one chart.

        Raises:
            FileNotFoundError: the folder has neither `<name>/values.yaml` nor `<name>-<version>/values.yaml`.
        """
        values: dict[str, Any] = yaml.safe_load(self.text_of(chart))
        return values

    def text_of(self, chart: Chart) -> str:
        """They as they are written, with their comments; raises the same."""
        for name in (chart.name, f"{chart.name}-{chart.version}"):
            file = self.folder / name / "values.yaml"
            if file.is_file():
                return file.read_text()
        raise FileNotFoundError(f"{self.folder}: no values.yaml of {chart.name} {chart.version}")


STAND_IN_VALUES = ChartValues("the stand-ins", STAND_INS)


def chosen_values(charts: str | None) -> ChartValues:
    """The charts given by `--charts`, else the folder that the variable names or that lies beside the project.

    The stand-ins where there is none of them.
    """
    if charts:
        return ChartValues("the charts given by --charts", Path(charts))
    if named := os.environ.get(VARIABLE):
        return ChartValues(f"the real charts' default values in {VARIABLE}", Path(named))
    if SIBLING.is_dir():
        return ChartValues("the real charts' default values beside the project", SIBLING)
    return STAND_IN_VALUES
