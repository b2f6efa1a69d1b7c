"""Begin a new alert: `python -m catalogue.scaffold NAME AREA [--severity SEVERITY]`.

Writes its rule, its cases and its runbook. What only a person can know is a gap, marked TODO; the tests name every gap
until it is filled.
"""

import sys
from pathlib import Path
from typing import Final

import click

from catalogue.loader import load
from catalogue.model import AREAS, Catalogue
from catalogue.rule_files import ALERT_NAME
from catalogue.runbooks import END, START
from catalogue.stack import OVERRIDE_SEVERITIES
from common.problems import CatalogueError, Problem
from common.project import PROJECT

LONGEST_NAME: Final = 40
GAP: Final = "TODO"

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
          summary: TODO what is wrong, without numbers.
          description: "{{{{ $labels.namespace }}}}/{{{{ $labels.service }}}} TODO {{{{ $value | humanize }}}}."
          impact: TODO what customers or colleagues notice.
          action: TODO the first thing to do.
          runbook_url: runbooks/{name}.md
          dashboard_url: d/{board}?viewPanel=todo
"""
_CASES: Final = """
  - name: "{name}: fires; stays silent before its duration"
    input_series:
      - series: 'TODO{{job="TODO", namespace="bais", service="TODO"}}'
        values: TODO just beyond the limit
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
        values: TODO exactly the limit
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

TODO what is measured, and what the limit says.

## Impact

TODO who notices what, and what happens if nobody does anything.

## Diagnosis

TODO what to look at, in order, and what each result means.

```sh
TODO a command that works as it stands
```

Dashboard, under the stack's Grafana address: `d/{{board}}?viewPanel=todo`

## Mitigation

TODO what ends the harm, safest first.

## Escalation

TODO whom to call, after how long.

## False positives

TODO when it fires and nothing is wrong.
"""


def find_problems(catalogue: Catalogue, name: str, area: str, severity: str) -> list[Problem]:
    """Return what is wrong with the name, area and severity of a new alert."""
    found = []
    if not ALERT_NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        found.append(
            Problem("NAME", repr(name), f"a name such as SubjectCondition, {LONGEST_NAME} characters or fewer")
        )
    elif name in catalogue.alerts:
        found.append(Problem("NAME", f"{name}, an alert of {catalogue.alerts[name].area}", "a name that no alert has"))
    for key, value, allowed in (("AREA", area, AREAS), ("SEVERITY", severity, OVERRIDE_SEVERITIES)):
        if value not in allowed:
            found.append(Problem(key, repr(value), ", ".join(allowed)))
    return found


def render_files(catalogue: Catalogue, name: str, area: str, severity: str, project: Path = PROJECT) -> dict[Path, str]:
    """Return the three files of a new alert as they should be, the rule and the cases at the end of their area's.

    Raises:
        CatalogueError: if the name, the area or the severity cannot be, or the runbook is there already.
    """
    runbook = project / "runbooks" / f"{name}.md"
    found = find_problems(catalogue, name, area, severity)
    if not found and runbook.exists():
        found.append(Problem("NAME", f"runbooks/{name}.md", "a name that no runbook has"))
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
    """Write the rule, the cases and the runbook of a new alert, with their gaps marked."""
    try:
        written = render_files(load(), name, area, severity)
    except CatalogueError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"{path.relative_to(PROJECT)}: {text.count(GAP)} gaps")
    click.echo(
        f"Fill each {GAP}, then: make generate, .venv/bin/python -m pytest tests/rules, make mutate, make catalogue"
    )


if __name__ == "__main__":
    main()
