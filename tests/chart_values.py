"""The default values of the pinned charts, for the test that compares the program's own keys with them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from local.deploy.charts import STAND_INS
from manifests.charts import Chart

# The environment variable with the folder of the real charts' values, and the default of that folder.
VARIABLE: Final = "CHART_VALUES"
SIBLING: Final = Path(__file__).resolve().parents[2] / "shared" / "charts"


@dataclass(frozen=True)
class ChartValues:
    """A source of default values: its description and its folder."""

    description: str
    folder: Path

    def of(self, chart: Chart) -> dict[str, Any]:
        """Return the default values of a chart.

        Raises:
            FileNotFoundError: the folder has neither `<name>/values.yaml` nor `<name>-<version>/values.yaml`.
        """
        values: dict[str, Any] = yaml.safe_load(self.text_of(chart))
        return values

    def text_of(self, chart: Chart) -> str:
        """Return the default values of a chart as text with comments; raises FileNotFoundError as `of` does."""
        for name in (chart.name, f"{chart.name}-{chart.version}"):
            file = self.folder / name / "values.yaml"
            if file.is_file():
                return file.read_text()
        raise FileNotFoundError(f"{self.folder}: no values.yaml of {chart.name} {chart.version}")


STAND_IN_VALUES: Final = ChartValues("the stand-ins", STAND_INS)


def chosen_values(charts: str | None) -> ChartValues:
    """Return the first source that exists: `--charts`, the variable's folder, the sibling folder, the stand-ins."""
    if charts:
        return ChartValues("the charts given by --charts", Path(charts))
    if named := os.environ.get(VARIABLE):
        return ChartValues(f"the real charts' default values in {VARIABLE}", Path(named))
    if SIBLING.is_dir():
        return ChartValues("the real charts' default values next to the project", SIBLING)
    return STAND_IN_VALUES
