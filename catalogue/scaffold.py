"""Scaffold of a new alert.

Usage: `python -m catalogue.scaffold NAME AREA [--severity SEVERITY]`.

Writes its rule, its test cases and its runbook with TODO gaps. The tests report every gap until it is filled.
"""

import sys
from pathlib import Path
from typing import Final

import click

from catalogue.loader import load
from catalogue.model import ALERT_NAME, AREAS, Catalogue
from catalogue.runbooks import END, START
from catalogue.stack import OVERRIDE_SEVERITIES
from common.problems import CatalogueError, Problem
from common.project import PROJECT
from common.whole_files import write_all

# Longer names do not fit into the title of a page.
MAX_NAME_LENGTH: Final = 40
# Marks a text that must be written by hand.
GAP: Final = "TODO"


def gap_count(text: str) -> str:
    """Return the number of gaps in a text, in words."""
    count = text.count(GAP)
    return f"{count} gap{'s' if count > 1 else ''} to fill" if count else "complete"


_RULE: Final = """
      - alert: {name}
        expr: |
          max by (namespace, job, service) (TODO) > 0
        for: 5m
        labels:
          severity: {severity}
          team: {team}
          area: {area}
        annotations:
          summary: TODO the symptom, without numbers.
          description: "{{{{ $labels.namespace }}}}/{{{{ $labels.service }}}} TODO {{{{ $value | humanize }}}}."
          impact: TODO the effect on customers or colleagues.
          action: TODO the first step to take.
          runbook_url: runbooks/{name}.md
          dashboard_url: d/{board}?viewPanel=todo
"""
_CASES: Final = """
  - name: "{name}: fires; stays silent before its duration"
    input_series:
      - series: 'TODO{{job="TODO", namespace="bais", service="TODO"}}'
        values: TODO just beyond the threshold
    alert_rule_test:
      - eval_time: 4m
        alertname: {name}
      - eval_time: 5m
        alertname: {name}
        exp_alerts:
          - exp_labels:
              area: {area}
              job: TODO
              namespace: bais
              service: TODO
              severity: {severity}
              team: {team}
            exp_annotations:
              summary: TODO
              description: TODO
              impact: TODO
              action: TODO
              runbook_url: runbooks/{name}.md
              dashboard_url: d/{board}?viewPanel=todo
  - name: "{name}: stays silent at its limit"
    input_series:
      - series: 'TODO{{job="TODO", namespace="bais", service="TODO"}}'
        values: TODO exactly at the threshold
    alert_rule_test:
      - eval_time: 30m
        alertname: {name}
  - name: "{name}: stays silent without data"
    alert_rule_test:
      - eval_time: 30m
        alertname: {name}
"""
_RUNBOOK: Final = f"""\
# {{name}}

{START}
{END}

## Meaning

TODO the measured quantity, and the reason for the threshold.

## Impact

TODO the effect on users, and the consequence if no action is taken.

## Diagnosis

TODO the checks in order, and the meaning of each result.

```sh
TODO a command that runs without changes
```

Dashboard, under the stack's Grafana address: `d/{{board}}?viewPanel=todo`

## Mitigation

TODO the actions that restore the service, safest first.

## Escalation

TODO the team to call, and after which time.

## False positives

TODO the situations in which it fires without a problem, and the setting that stops it in such a stack.
"""


def find_problems(catalogue: Catalogue, name: str, area: str, severity: str) -> list[Problem]:
    """Return the problems of the name, area and severity of a new alert."""
    found = []
    if not ALERT_NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        found.append(
            Problem("NAME", repr(name), f"a name such as SubjectCondition, at most {MAX_NAME_LENGTH} characters")
        )
    elif name in catalogue.alerts:
        found.append(
            Problem("NAME", f"{name}, an existing alert in {catalogue.alerts[name].area}", "a name that no alert uses")
        )
    for key, value, allowed in (("AREA", area, AREAS), ("SEVERITY", severity, OVERRIDE_SEVERITIES)):
        if value not in allowed:
            found.append(Problem(key, repr(value), ", ".join(allowed)))
    return found


def render_files(catalogue: Catalogue, name: str, area: str, severity: str, project: Path = PROJECT) -> dict[Path, str]:
    """Return rule file, test file and runbook of a new alert, by path.

    The rule and its test cases are appended to the files of the area.

    Raises:
        CatalogueError: if name, area or severity are invalid, or the runbook exists already.
    """
    runbook = project / "runbooks" / f"{name}.md"
    found = find_problems(catalogue, name, area, severity)
    if not found and runbook.exists():
        found.append(Problem("NAME", f"runbooks/{name}.md", "a name without an existing runbook"))
    if found:
        raise CatalogueError(found)
    neighbour = [alert for alert in catalogue.alerts.values() if alert.area == area][-1]
    board = neighbour.annotations["dashboard_url"].partition("?")[0].removeprefix("d/")
    values = {"name": name, "area": area, "severity": severity, "team": neighbour.labels["team"], "board": board}
    rules, cases = project / "rules" / f"{area}.yaml", project / "tests" / "rules" / f"{area}_test.yaml"
    return {
        rules: rules.read_text(encoding="utf-8") + _RULE.format(**values),
        cases: cases.read_text(encoding="utf-8") + _CASES.format(**values),
        runbook: _RUNBOOK.format(**values),
    }


@click.command()
@click.argument("name")
@click.argument("area")
@click.option("--severity", default="warning", show_default=True)
def main(name: str, area: str, severity: str) -> None:
    """Write the rule, the test cases and the runbook of a new alert with TODO gaps."""
    try:
        files = render_files(load(), name, area, severity)
    except (CatalogueError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    write_all(files)
    for path, text in files.items():
        click.echo(f"{path.relative_to(PROJECT)}: {gap_count(text)}")
    click.echo(
        f"Fill each {GAP}, then: make generate, .venv/bin/python -m pytest tests/rules tests/catalogue "
        "tests/dashboards tests/routing, make mutate, make catalogue"
    )


if __name__ == "__main__":
    main()
