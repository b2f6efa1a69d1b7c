"""Files of a new exporter, which runs once per stack and is disabled by default."""

import keyword
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import Final

from catalogue import scaffold
from catalogue.loader import load
from catalogue.panel_links import panel_link
from common.exporters import EXPORTERS
from common.problems import CatalogueError, Problem
from common.project import PROJECT
from manifests import artifacts
from manifests.charts import RELEASED
from settings.services import PROBE_JOB_PREFIX, reserved_jobs
from settings.stack import StackSettings
from tools.exporter_scaffold import edits, templates
from tools.exporter_scaffold.files import page
from tools.supply_chain.artifacts import rendered

AREA: Final = "availability"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VERSION: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_LONGEST_NAME: Final = 34  # The name of the absence alert then has 40 characters.
# A model for the links of the absence alert.
_NEIGHBOUR: Final = "BlackboxExporterAbsent"

Edit = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class NewExporter:
    """An exporter to scaffold; `port` is the port of its pod with the metrics."""

    name: str
    chart: str
    version: str
    port: int

    @property
    def module(self) -> str:
        """The stem of its files, and its field of StackSettings."""
        return self.name.replace("-", "_")

    @property
    def kind(self) -> str:
        """The name of its class, and the start of the names of its settings' class and its absence alert."""
        return "".join(map(str.capitalize, self.name.split("-")))

    @property
    def words(self) -> dict[str, str]:
        """The words of the templates."""
        return {
            "name": self.name,
            "chart": self.chart,
            "version": self.version,
            "port": str(self.port),
            "module": self.module,
            "kind": self.kind,
            "row": self.module.upper(),
            "title": self.name.replace("-", " "),
            "key": self.kind[0].lower() + self.kind[1:],
            "alert": f"{self.kind}Absent",
        }


def problems(new: NewExporter, project: Path = PROJECT) -> list[Problem]:
    """Return everything that is wrong with the name, chart, version and port of a new exporter."""
    return [*_name_problems(new, project), *_chart_problems(new, project), *_port_problems(new)]


def _name_problems(new: NewExporter, project: Path) -> Iterator[Problem]:
    if not _NAME.fullmatch(new.name) or len(new.name) > _LONGEST_NAME:
        allowed = (
            f"a name such as memcached-exporter: lowercase letters, digits and -, at most {_LONGEST_NAME} characters"
        )
        yield Problem("NAME", repr(new.name), allowed)
    elif (
        new.name in reserved_jobs()
        or new.name.startswith(PROBE_JOB_PREFIX)
        or new.module in dir(StackSettings)
        or new.module.startswith("model_")
        or new.module in StackSettings.model_fields
        or keyword.iskeyword(new.module)
    ):
        yield Problem("NAME", f"{new.name}, which is taken", "a name that no component, job or setting has")
    else:
        for path in filter(Path.exists, _created(new, project)):
            yield Problem("NAME", f"{path.relative_to(project)}, which exists", "a name without files")
        yield from scaffold.find_problems(load(), f"{new.kind}Absent", AREA, "warning")


def _with_unknown_digest(new: NewExporter, text: str) -> str:
    lock = artifacts.parse_lock(text)
    return rendered(replace(lock, charts={**lock.charts, (new.chart, new.version): None}))


def _created(new: NewExporter, project: Path) -> dict[Path, str]:
    """Return the template of each file to create, those of the stand-in chart and the runbook apart."""
    return {
        project / "components" / f"{new.module}.py": templates.COMPONENT,
        project / "tests" / "components" / f"test_{new.module}.py": templates.TEST,
    }


def _chart_problems(new: NewExporter, project: Path) -> Iterator[Problem]:
    if not _NAME.fullmatch(new.chart):
        yield Problem("CHART", repr(new.chart), "the name of a chart of the Prometheus community")
    elif new.chart in [chart.name for chart in RELEASED]:
        yield Problem("CHART", f"{new.chart}, which is released already", "a chart that no component has")
    elif (folder := project / "local" / "charts" / new.chart).exists():
        yield Problem("CHART", f"{folder.relative_to(project)}, which exists", "a chart without a stand-in")
    if not _VERSION.fullmatch(new.version):
        yield Problem("VERSION", repr(new.version), "an exact chart version such as 1.2.3")


def _port_problems(new: NewExporter) -> Iterator[Problem]:
    taken = {port: exporter.name for exporter in EXPORTERS for port in exporter.ports}
    if not 1 <= new.port <= 65535:
        yield Problem("PORT", repr(new.port), "a port from 1 to 65535")
    elif new.port in taken:
        yield Problem("PORT", f"{new.port}, the port of the {taken[new.port]}", "a port that no other exporter has")


def texts(new: NewExporter, project: Path = PROJECT) -> dict[Path, str]:
    """Return the text of each file to create or change.

    Raises:
        CatalogueError: with every problem of the input.
        LookupError: if a file does not have the structure that the scaffold expects.
    """
    if found := problems(new, project):
        raise CatalogueError(found)
    dashboard = load().alerts[_NEIGHBOUR].annotations["dashboard_url"]
    words = {**new.words, "area": AREA, "dashboard": dashboard}

    def filled(template: str) -> str:
        return template.format(**words)

    per_stack = [exporter for exporter in EXPORTERS if not exporter.per_server]
    selectable = [exporter for exporter in per_stack if not exporter.on_nodes]
    row = filled("from common.exporters import {row}\n")
    pin = filled('    Chart(name="{chart}", version="{version}"),\n')
    declared = filled("    {module}: {kind}Settings = {kind}Settings()\n")
    component = filled("from components.{module} import {kind}\n")
    steps_of: dict[str, list[Edit]] = {
        "common/exporters.py": [
            partial(edits.before_assignment, name="EXPORTERS", text=filled(templates.ROW)),
            partial(edits.into_literal, name="EXPORTERS", text=filled("    {row},\n")),
        ],
        "manifests/charts.py": [partial(edits.into_literal, name="_EXPORTER_CHARTS", text=pin)],
        artifacts.NAME: [partial(_with_unknown_digest, new)],
        "manifests/exporters.py": [
            partial(edits.after_imports, text=row + filled("from settings.exporters import {kind}Settings\n")),
            partial(edits.at_the_end, text=filled(templates.VALUES)),
        ],
        "settings/exporters.py": [
            partial(edits.after_imports, text=row),
            partial(edits.at_the_end, text=filled(templates.SETTINGS)),
        ],
        "settings/stack.py": [
            partial(edits.after_imports, text=filled("from settings.exporters import {kind}Settings\n")),
            partial(edits.after_line, start=f"    {per_stack[-1].setting}: ", text=declared),
        ],
        "components/exporters.py": [
            partial(edits.after_imports, text=row + component),
            partial(edits.into_literal, name="PER_STACK", text=filled("    {row}.name: {kind},\n")),
        ],
        "Pulumi.yaml": [
            partial(edits.after_block, start=f"  {per_stack[-1].key}:", text=filled(templates.DECLARATION))
        ],
        str(page("settings.md", project).relative_to(project)): [
            partial(edits.after_line, start=f"| `{per_stack[-1].key}.", text=filled(templates.SETTING_ROWS))
        ],
        str(page("hardening.md", project).relative_to(project)): [
            partial(edits.after_line, start=f"| prometheus | {selectable[-1].name} |", text=filled(templates.FLOW_ROW))
        ],
        "tests/manifests/test_chart_contract.py": [
            partial(edits.into_literal, name="FREE", text=filled(templates.FREE))
        ],
        "tests/manifests/network/test_flows.py": [
            partial(edits.into_literal, name="NEEDED", text=filled(templates.NEEDED))
        ],
        "tests/catalogue/healthy.yaml": [partial(edits.at_the_end, text=filled(templates.HEALTHY))],
        "synthetic/steady.yaml": [partial(edits.at_the_end, text=filled(templates.STEADY))],
        f"rules/{AREA}.yaml": [partial(edits.at_the_end, text=filled(templates.RULE))],
        f"tests/rules/{AREA}_test.yaml": [partial(edits.at_the_end, text=filled(templates.CASES))],
    }
    changed = {
        project / name: reduce(lambda text, edit: edit(text), steps, (project / name).read_text(encoding="utf-8"))
        for name, steps in steps_of.items()
    }
    chart = project / "local" / "charts" / new.chart
    created = {
        **{path: filled(template) for path, template in _created(new, project).items()},
        chart / "Chart.yaml": filled(templates.CHART),
        chart / "values.yaml": filled(templates.CHART_VALUES),
        chart / "templates" / f"{new.name}.yaml": templates.CHART_TEMPLATE.replace("<port>", str(new.port)),
    }
    # The runbook is that of the alert scaffold. Rule and cases of an absence alert have fewer gaps than its templates.
    alert = scaffold.render_files(load(), words["alert"], AREA, "warning", project)
    runbook = project / "runbooks" / f"{words['alert']}.md"
    diagnosis = re.sub(r"`d/.*\?viewPanel=.*`", f"`{panel_link(dashboard)}`", alert[runbook])
    every = {**changed, **created, runbook: diagnosis}
    return {
        path: edits.formatted(path, text, project) if path.suffix == ".py" else text for path, text in every.items()
    }
