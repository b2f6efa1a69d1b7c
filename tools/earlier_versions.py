"""Earlier versions of the charts and images, for deployments that are upgraded afterwards."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import yaml

from common.project import PROJECT
from manifests.charts import RELEASED
from tools.checkout import Checkout

_TABLE: Final = Path("manifests") / "charts.py"


def previous_version(version: str) -> str:
    """Return an earlier version, for example `8.3.0` for `8.4.0`."""
    major, minor, patch = map(int, version.split("."))
    return f"{major}.{minor}.{patch - 1}" if patch else f"{major}.{minor - 1}.0"


def downgrade(checkout: Checkout, previous: Path | None = None) -> None:
    """Replace pinned charts and images by earlier versions, in the table of versions and in the folder of charts.

    Without a folder of `previous` charts, the same charts get an earlier version number.
    """
    versions = {}
    for chart in RELEASED:
        file = checkout.charts / chart.name / "Chart.yaml"
        if previous:
            shutil.rmtree(file.parent)
            shutil.copytree(previous / chart.name, file.parent)
        else:
            file.write_text(
                yaml.safe_dump(yaml.safe_load(file.read_text()) | {"version": previous_version(chart.version)})
            )
        versions[chart.version] = yaml.safe_load(file.read_text())["version"]
    table = checkout.folder / _TABLE
    table.write_text(
        re.sub(
            r'version="(v?)([0-9]+\.[0-9]+\.[0-9]+)"',
            lambda found: f'version="{found[1]}{versions.get(found[2]) or previous_version(found[2])}"',
            table.read_text(),
        )
    )


def restore_versions(checkout: Checkout, charts: Path | None = None) -> None:
    """Write the table of the pinned versions again, and provide their charts, by default from the first source."""
    (checkout.folder / _TABLE).write_text((PROJECT / _TABLE).read_text())
    checkout.provide_charts(charts)
