"""The command `team`: problems of a team's objects, and who is notified of its alerts."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from common.problems import Problem
from common.words import counted
from operations.stacks import stack_environment, stack_settings
from operations.team_objects.notified import notified, with_team_routes
from operations.team_objects.objects import object_problems, read_objects
from preflight.rendered_files import PROMTOOL, missing_tools
from routing.routes import alertmanager_configuration


def check_team_objects(stack: str, files: Sequence[Path], console: Console, *, as_json: bool) -> bool:
    """Print the problems of the objects in files, and who is notified of each alert; return whether there are none.

    Raises:
        SettingsError: the settings of the stack have problems.
        UnknownStackError: the stack has no file.
    """
    settings = stack_settings(stack)
    os.environ |= stack_environment(stack)
    objects, problems = read_objects(files)
    if not files:
        problems.append(Problem("FILES", "nothing", "YAML files, such as FILES='search/*.yaml'"))
    found_problems = [list(object_problems(each, settings)) for each in objects]
    problems += (problem for found in found_problems for problem in found)
    # An object with a problem has no effect.
    effective = [each for each, found in zip(objects, found_problems, strict=True) if not found]
    configuration = with_team_routes(alertmanager_configuration(settings.notifications, settings.links), effective)
    alerts = [found for each in objects for found in notified(configuration, each)]
    notes = [f"{PROMTOOL} is not on PATH: expressions were not checked"] if PROMTOOL in missing_tools() else []
    if as_json:
        rows = [{"alert": alert, "severity": severity, "notifies": list(to)} for alert, severity, to in alerts]
        report = {"problems": [str(problem) for problem in problems], "notes": notes, "alerts": rows}
        console.print(json.dumps(report, indent=2), markup=False)
        return not problems
    width = max((len(alert) for alert, _, _ in alerts), default=0)
    lines = [f"{alert:{width}}  {severity:8}  {', '.join(to) or 'no one'}" for alert, severity, to in alerts]
    verdict = counted(len(problems), "problem") if problems else f"valid for stack {stack}"
    lines += [
        *map(str, problems),
        *notes,
        f"{counted(len(objects), 'object')}, {counted(len(alerts), 'alert')}: {verdict}",
    ]
    console.print("\n".join(lines), markup=False)
    return not problems
