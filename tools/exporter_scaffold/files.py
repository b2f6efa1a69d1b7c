"""Files that belong to a row of the registry of exporters."""

from pathlib import Path

from common.exporters import Exporter
from common.project import PROJECT


def page(name: str, project: Path = PROJECT) -> Path:
    """Return a page of the documentation by its file name, in whichever folder it is."""
    (found,) = (project / "docs").rglob(name)
    return found


def files_of(exporter: Exporter, project: Path = PROJECT) -> list[Path]:
    """Return the files that a row of the registry belongs to, those of its absence alert apart."""
    module, kind = exporter.name.replace("-", "_"), "database_exporters" if exporter.per_server else "exporters"
    own_test = project / "tests" / "components" / f"test_{module}.py"
    return [
        project / "common" / "exporters.py",
        project / "manifests" / "charts.py",
        project / "manifests" / f"{kind}.py",
        project / "settings" / ("databases.py" if exporter.per_server else "exporters.py"),
        project / "settings" / "stack.py",
        project / "components" / "exporters.py",
        project / "components" / f"{module}.py",
        project / "Pulumi.yaml",
        page("settings.md", project),
        page("hardening.md", project),
        project / "tests" / "manifests" / "test_chart_contract.py",
        project / "tests" / "manifests" / "network" / "test_flows.py",
        project / "tests" / "catalogue" / "healthy.yaml",
        own_test if own_test.exists() else project / "tests" / "components" / f"test_{kind}.py",
        *sorted(path for path in (project / "local" / "charts" / exporter.chart).rglob("*") if path.is_file()),
    ]
