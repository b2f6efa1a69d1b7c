"""Command line of the scenario tests: `python -m tools.scenarios [SCENARIO...]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console
from rich.table import Table

from common.problems import CatalogueError, suggestion
from settings.loader import SettingsError
from tools.scenarios.evaluation import EvaluationError
from tools.scenarios.model import Scenario, load
from tools.scenarios.outcome import Outcome
from tools.scenarios.run import Subject, SubjectOf, run
from tools.scenarios.stacks import SCENARIOS, subject_of

console = Console(highlight=False, soft_wrap=True, markup=False, width=None if sys.stdout.isatty() else 200)
progress = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


@click.command()
@click.argument("names", metavar="[SCENARIO]...", nargs=-1)
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=SCENARIOS)
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A rule file, instead of the rules of this project's stacks; may be repeated.",
)
@click.option(
    "--alertmanager",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration of Alertmanager, with --rules.",
)
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="External label, with --rules.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    names: tuple[str, ...],
    folder: Path,
    rules: tuple[Path, ...],
    alertmanager: Path | None,
    labels: tuple[str, ...],
    as_json: bool,
) -> None:
    """Play scenarios against all rules and routes of a stack, and compare who is notified with who should be."""
    if bool(rules) != bool(alertmanager):
        raise click.UsageError("--rules and --alertmanager need each other")
    try:
        chosen = _chosen(load(folder), names)
        own = _files_subject(rules, alertmanager, labels) if alertmanager else subject_of
        outcomes = _run(chosen, own)
    except (CatalogueError, SettingsError, EvaluationError) as error:
        progress.print(str(error))
        sys.exit(1)
    if as_json:
        click.echo(json.dumps([outcome.plain() for outcome in outcomes], indent=2))
    else:
        _print(outcomes)
    sys.exit(0 if all(outcome.passed for outcome in outcomes) else 1)


def _chosen(scenarios: Sequence[Scenario], names: Sequence[str]) -> list[Scenario]:
    known = {scenario.name: scenario for scenario in scenarios}
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(
            "\n".join(f"{name}: found an unknown scenario; allowed: {suggestion(name, known)}" for name in unknown)
        )
    return [known[name] for name in names] or list(scenarios)


def _files_subject(rules: Sequence[Path], alertmanager: Path, labels: Sequence[str]) -> SubjectOf:
    groups: list[Any] = [group for path in rules for group in _yaml(path)["groups"]]
    pairs = [label.partition("=")[::2] for label in labels]
    subject = Subject(groups, _yaml(alertmanager), dict(pairs))
    return lambda _: subject


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _run(scenarios: Sequence[Scenario], subject: SubjectOf) -> list[Outcome]:
    outcomes = []
    for outcome in run(scenarios, subject):
        outcomes.append(outcome)
        progress.print(
            f"[{len(outcomes)}/{len(scenarios)}] {outcome.scenario.name}: {_verdict(outcome)}, {outcome.seconds:.0f} s"
        )
    return sorted(outcomes, key=lambda outcome: (outcome.scenario.family, outcome.scenario.name))


def _verdict(outcome: Outcome) -> str:
    return "ok" if outcome.passed else "FAILED"


def _print(outcomes: Sequence[Outcome]) -> None:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("FAMILY", "SCENARIO", "RESULT"):
        table.add_column(heading)
    for heading in ("NOTIFICATIONS", "PAGES"):
        table.add_column(heading, justify="right")
    for outcome in outcomes:
        scenario = outcome.scenario
        notified = f"{len(outcome.incidents)}/{len(scenario.notifications)}"
        pages = sum(incident.receiver in outcome.paging for incident in outcome.incidents)
        table.add_row(scenario.family, scenario.name, _verdict(outcome), notified, str(pages))
    console.print(table)
    for outcome in outcomes:
        if not outcome.passed:
            console.print(
                f"\n{outcome.scenario.name}: {outcome.scenario.story}", f"  wanted: {outcome.scenario.wanted}", sep="\n"
            )
            console.print(*(f"  {problem}" for problem in outcome.problems), sep="\n")
    passed = sum(outcome.passed for outcome in outcomes)
    received = sum(outcome.received_pages for outcome in outcomes)
    wanted = received + sum(outcome.missed_pages for outcome in outcomes)
    unnecessary = sum(outcome.unexpected_pages for outcome in outcomes)
    messages = [incident.messages for outcome in outcomes for incident in outcome.incidents]
    average = f"{sum(messages) / len(messages):.2f}" if messages else "0"
    console.print(
        f"\nscenarios {passed}/{len(outcomes)}, expected pages received {received}/{wanted}, "
        f"unnecessary pages {unnecessary}, messages per incident {average}"
    )


if __name__ == "__main__":
    main(prog_name="python -m tools.scenarios")
