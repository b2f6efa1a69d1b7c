"""The fire drill: `python -m tools.drill [SCENARIO ...]`."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import click
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from common.problems import CatalogueError
from common.project import PROJECT
from local.tools.build import BuildError, ensure_tools
from synthetic import scenarios, targets
from tools.delivery.stacks import Stack, stack
from tools.drill.outcome import AlertResult, Outcome
from tools.drill.report import write_report
from tools.drill.run import run_scenario
from tools.mocked_program import STACKS

UNSCALED = "database-down"
"""The scenario that is played at the pace of the wall's clock too, because its page comes within minutes."""
MAX_DELAY_SECONDS = 1.0
"""Seconds above its floor within which that page has to come."""
REPORT = PROJECT / ".state" / "drill.html"


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--stack", "name", type=click.Choice(STACKS), default="prod", show_default=True, help="Whose rules and routes."
)
@click.option(
    "--speed", type=click.FloatRange(2, 60), default=30, show_default=True, help="By what durations are divided."
)
@click.option(
    "--at-once", type=click.IntRange(1, 8), default=3, show_default=True, help="Scenarios played side by side."
)
@click.option(
    "--unscaled/--no-unscaled", default=True, show_default=True, help=f"Play {UNSCALED} at the usual pace too."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(names: tuple[str, ...], name: str, speed: float, at_once: int, unscaled: bool, as_json: bool) -> None:
    """Let a synthetic platform fail, and see that everybody hears of it whom a stack's own rules and routes say.

    Prometheus and Alertmanager are real; Slack, PagerDuty, the mail server and the switch stand in, on loopback.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    # Piped output keeps its columns: nothing is cut to the width of a terminal that is not there.
    console = Console(stderr=as_json, highlight=False, width=None if sys.stdout.isatty() else 200)
    try:
        known = scenarios.load(targets.load())
    except CatalogueError as error:
        console.print(str(error), markup=False)
        sys.exit(1)
    if unknown := [each for each in names if each not in known]:
        raise click.UsageError(f"no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    try:
        ensure_tools(console)
    except BuildError as error:
        console.print(str(error), markup=False)
        sys.exit(1)
    chosen = [(known[each], speed) for each in names or known]
    if unscaled and (not names or UNSCALED in names):
        chosen.insert(0, (known[UNSCALED], 1.0))
    outcomes = _run_scenarios(chosen, stack(name), at_once, console)
    REPORT.parent.mkdir(exist_ok=True)
    write_report(REPORT, name, outcomes)
    if as_json:
        click.echo(json.dumps({"stack": name, **summary(outcomes), "outcomes": [each.as_dict() for each in outcomes]}))
    else:
        console.print(_table(outcomes))
        console.print(f"messages as they would look: {REPORT.relative_to(PROJECT)}")
        console.print(_last_line(outcomes))
    sys.exit(0 if passed(outcomes) else 1)


def summary(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """How many scenarios and alerts there were, how many went well, and what should not have been heard of."""
    expected = [heard for outcome in outcomes for heard in outcome.expected]
    return {
        "scenarios": len(outcomes),
        "scenarios_passed": sum(outcome.passed for outcome in outcomes),
        "alerts": len(expected),
        "alerts_reached": sum(heard.reached for heard in expected),
        "unexpected": sum(len(outcome.unexpected) for outcome in outcomes),
    }


def delays_above_minimum(outcomes: Sequence[Outcome]) -> list[float]:
    """How much later than its floor each page came that was not scaled, in seconds."""
    unscaled = [heard for outcome in outcomes if outcome.speed == 1 for heard in outcome.expected]
    return [heard.first - heard.floor for heard in unscaled if heard.first is not None]


def passed(outcomes: Sequence[Outcome]) -> bool:
    """Whether every scenario went well, and what was not scaled came in time."""
    return all(outcome.passed for outcome in outcomes) and all(
        late <= MAX_DELAY_SECONDS for late in delays_above_minimum(outcomes)
    )


def _run_scenarios(
    chosen: Sequence[tuple[scenarios.Scenario, float]], drilled: Stack, at_once: int, console: Console
) -> list[Outcome]:
    """Play scenarios side by side, with a line for each that says what it is about."""
    told: dict[int, str] = {}
    lock = threading.Lock()

    def one(number: int, scenario: scenarios.Scenario, speed: float, folder: Path) -> Outcome:
        def report(text: str) -> None:
            with lock:
                told[number] = text

        outcome = run_scenario(scenario, drilled, folder, speed=speed, report=report)
        if not console.is_terminal:
            console.print(f"{scenario.name}, {_render_speed(speed)}:", "ok" if outcome.passed else "WRONG")
        return outcome

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as pool:
        futures = [
            pool.submit(one, number, scenario, speed, Path(folder) / str(number))
            for number, (scenario, speed) in enumerate(chosen)
        ]
        with Live(console=console, refresh_per_second=2, transient=True) as live:
            while not all(future.done() for future in futures):
                with lock:
                    live.update(_progress(chosen, futures, dict(told)))
                time.sleep(0.5)
        return [future.result() for future in futures]


def _progress(
    chosen: Sequence[tuple[scenarios.Scenario, float]], futures: Sequence[Future[Outcome]], told: Mapping[int, str]
) -> Group:
    done = [future.result() for future in futures if future.done() and not future.exception()]
    lines = [
        f"{scenario.name}, {_render_speed(speed)}: {told.get(number, 'waiting for its turn')}"
        for number, (scenario, speed) in enumerate(chosen)
        if not futures[number].done()
    ]
    return Group(_table(done), Text("\n".join(lines)))


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("SCENARIO", "PACE", "ALERT", "HEARD AT", "SECONDS", "UNSCALED", "FLOOR", ""):
        table.add_column(heading, justify="right" if heading in ("SECONDS", "UNSCALED", "FLOOR") else "left")
    for outcome in outcomes:
        rows = [(heard, heard.reached) for heard in outcome.expected] + [(heard, False) for heard in outcome.unexpected]
        for heard, right in rows:
            table.add_row(
                outcome.scenario, _render_speed(outcome.speed), heard.alert, *_cells(heard, outcome.speed), _mark(right)
            )
        for problem in outcome.problems:
            table.add_row(outcome.scenario, _render_speed(outcome.speed), Text(problem), "", "", "", "", _mark(False))
    return table


def _cells(heard: AlertResult, speed: float) -> tuple[str, str, str, str]:
    if heard.state == "muted":
        where = f"muted by {', '.join(heard.muted_by)}"
    else:
        where = ", ".join(sorted(heard.found)) or "nowhere"
        if lacking := heard.wanted - set(heard.found):
            where += f"; not at {', '.join(sorted(lacking))}"
        if stray := set(heard.found) - heard.wanted:
            where += f"; not expected at {', '.join(sorted(stray))}"
    first = heard.first
    seconds, unscaled = ("", "") if first is None else (f"{first:.1f}", f"{first * speed:.0f}")
    return where, seconds, unscaled, f"{heard.floor * speed:.0f}"


def _render_speed(speed: float) -> str:
    return "unscaled" if speed == 1 else f"1/{speed:g}"


def _mark(right: bool) -> str:
    return "[green]ok[/]" if right else "[bold red]WRONG[/]"


def _last_line(outcomes: Sequence[Outcome]) -> str:
    told = summary(outcomes)
    line = (
        f"scenarios {told['scenarios_passed']}/{told['scenarios']}, "
        f"alerts reached {told['alerts_reached']}/{told['alerts']}, unexpected {told['unexpected']}"
    )
    late = delays_above_minimum(outcomes)
    if not late:
        return line
    return f"{line}\nunscaled: first message {max(late):+.1f} s from its floor, allowed {MAX_DELAY_SECONDS:+.1f} s"


if __name__ == "__main__":
    main(prog_name="python -m tools.drill")
