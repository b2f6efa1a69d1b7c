"""Command line of the fire drill: `python -m tools.drill [SCENARIO ...]`."""

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
from typing import Final

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

# Scenario that also runs at normal speed, because its page arrives within minutes.
UNSCALED: Final = "database-down"
# Maximum delay of that page beyond the minimum.
MAX_DELAY_SECONDS: Final = 1.0
REPORT: Final = PROJECT / ".state" / "drill.html"


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--stack",
    "name",
    type=click.Choice(STACKS),
    default="prod",
    show_default=True,
    help="Stack whose rules and routes are tested.",
)
@click.option(
    "--speed",
    type=click.FloatRange(2, 60),
    default=30,
    show_default=True,
    help="Factor by which durations are divided.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 8),
    default=3,
    show_default=True,
    help="Number of scenarios that run in parallel.",
)
@click.option("--unscaled/--no-unscaled", default=True, show_default=True, help=f"Also run {UNSCALED} at normal speed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(names: tuple[str, ...], name: str, speed: float, at_once: int, unscaled: bool, as_json: bool) -> None:
    """Run failure scenarios and check that every alert reaches its receivers.

    Prometheus and Alertmanager are real; Slack, PagerDuty, the mail server and the dead man's switch are simulated on
    loopback.
    """
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    # Fixed width for piped output, so that no column is truncated.
    console = Console(stderr=as_json, highlight=False, width=None if sys.stdout.isatty() else 200)
    try:
        known = scenarios.load(targets.load())
    except CatalogueError as error:
        console.print(str(error), markup=False)
        sys.exit(1)
    if unknown := [each for each in names if each not in known]:
        raise click.UsageError(f"unknown scenarios: {', '.join(unknown)}; available: {', '.join(known)}")
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
        console.print(f"report with all messages: {REPORT.relative_to(PROJECT)}")
        console.print(_last_line(outcomes))
    sys.exit(0 if passed(outcomes) else 1)


def summary(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return the numbers of passed and all scenarios and alerts."""
    expected = [result for outcome in outcomes for result in outcome.expected]
    return {
        "scenarios": len(outcomes),
        "scenarios_passed": sum(outcome.passed for outcome in outcomes),
        "alerts": len(expected),
        "alerts_reached": sum(result.correct for result in expected),
        "unexpected": sum(len(outcome.unexpected) for outcome in outcomes),
    }


def delays_above_minimum(outcomes: Sequence[Outcome]) -> list[float]:
    """Return the delay of each unscaled message beyond its minimum, in seconds."""
    unscaled = [result for outcome in outcomes if outcome.speed == 1 for result in outcome.expected]
    return [result.first - result.minimum_delay for result in unscaled if result.first is not None]


def passed(outcomes: Sequence[Outcome]) -> bool:
    """Return whether every scenario passed and unscaled messages arrived in time."""
    return all(outcome.passed for outcome in outcomes) and all(
        delay <= MAX_DELAY_SECONDS for delay in delays_above_minimum(outcomes)
    )


def _run_scenarios(
    chosen: Sequence[tuple[scenarios.Scenario, float]], tested: Stack, at_once: int, console: Console
) -> list[Outcome]:
    """Run scenarios in parallel, with a progress line per scenario."""
    progress: dict[int, str] = {}
    lock = threading.Lock()

    def one(number: int, scenario: scenarios.Scenario, speed: float, folder: Path) -> Outcome:
        def report(text: str) -> None:
            with lock:
                progress[number] = text

        outcome = run_scenario(scenario, tested, folder, speed=speed, report=report)
        if not console.is_terminal:
            console.print(f"{scenario.name}, {_render_speed(speed)}:", "ok" if outcome.passed else "FAILED")
        return outcome

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as pool:
        futures = [
            pool.submit(one, number, scenario, speed, Path(folder) / str(number))
            for number, (scenario, speed) in enumerate(chosen)
        ]
        with Live(console=console, refresh_per_second=2, transient=True) as live:
            while not all(future.done() for future in futures):
                with lock:
                    live.update(_progress(chosen, futures, dict(progress)))
                time.sleep(0.5)
        return [future.result() for future in futures]


def _progress(
    chosen: Sequence[tuple[scenarios.Scenario, float]], futures: Sequence[Future[Outcome]], progress: Mapping[int, str]
) -> Group:
    done = [future.result() for future in futures if future.done() and not future.exception()]
    lines = [
        f"{scenario.name}, {_render_speed(speed)}: {progress.get(number, 'waiting')}"
        for number, (scenario, speed) in enumerate(chosen)
        if not futures[number].done()
    ]
    return Group(_table(done), Text("\n".join(lines)))


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("SCENARIO", "SPEED", "ALERT", "RECEIVED AT", "SECONDS", "UNSCALED", "MINIMUM", ""):
        table.add_column(heading, justify="right" if heading in ("SECONDS", "UNSCALED", "MINIMUM") else "left")
    for outcome in outcomes:
        rows = [(result, result.correct) for result in outcome.expected] + [
            (result, False) for result in outcome.unexpected
        ]
        for result, right in rows:
            table.add_row(
                outcome.scenario,
                _render_speed(outcome.speed),
                result.alert,
                *_cells(result, outcome.speed),
                _mark(right),
            )
        for problem in outcome.problems:
            table.add_row(outcome.scenario, _render_speed(outcome.speed), Text(problem), "", "", "", "", _mark(False))
    return table


def _cells(result: AlertResult, speed: float) -> tuple[str, str, str, str]:
    if result.state == "muted":
        where = f"muted by {', '.join(result.muted_by)}"
    else:
        where = ", ".join(sorted(result.arrivals)) or "nowhere"
        if missing := result.expected_at - set(result.arrivals):
            where += f"; missing at {', '.join(sorted(missing))}"
        if unexpected := set(result.arrivals) - result.expected_at:
            where += f"; unexpected at {', '.join(sorted(unexpected))}"
    first = result.first
    seconds, unscaled = ("", "") if first is None else (f"{first:.1f}", f"{first * speed:.0f}")
    return where, seconds, unscaled, f"{result.minimum_delay * speed:.0f}"


def _render_speed(speed: float) -> str:
    return "unscaled" if speed == 1 else f"{speed:g}x"


def _mark(right: bool) -> str:
    return "[green]ok[/]" if right else "[bold red]FAILED[/]"


def _last_line(outcomes: Sequence[Outcome]) -> str:
    counts = summary(outcomes)
    line = (
        f"scenarios {counts['scenarios_passed']}/{counts['scenarios']}, "
        f"alerts correct {counts['alerts_reached']}/{counts['alerts']}, unexpected {counts['unexpected']}"
    )
    delays = delays_above_minimum(outcomes)
    if not delays:
        return line
    return f"{line}\nunscaled: message {max(delays):.1f} s after the minimum delay; allowed: {MAX_DELAY_SECONDS:.1f} s"


if __name__ == "__main__":
    main(prog_name="python -m tools.drill")
