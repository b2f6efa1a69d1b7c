"""Command line of the mutation tests: `python -m tools.mutation [RULE...]`."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import click
from rich.console import Console

from catalogue import rule_tests
from common.problems import suggestion
from local.tools.toolset import binary
from tools.mutation import accepted, results
from tools.mutation.mutant_runner import PromtoolError, survivors
from tools.mutation.results import Result
from tools.mutation.subjects import Subject, subjects

console = Console(highlight=False, soft_wrap=True, markup=False)


@click.command()
@click.argument("names", metavar="[RULE]...", nargs=-1)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default=True,
    help="Number of rules tested in parallel.",
)
@click.option("--all", "everything", is_flag=True, help="Also test rules that have not changed since the last run.")
def main(names: tuple[str, ...], jobs: int, everything: bool) -> None:
    """Mutate changed or named rules, and report surviving mutants without a reason."""
    known = {subject.name: subject for subject in subjects(rule_tests.load())}
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(
            "\n".join(f"{name}: found an unknown rule; allowed: {suggestion(name, known)}" for name in unknown)
        )
    found = results.current(results.load(), known.values())
    chosen = [known[name] for name in names] or [
        each for each in known.values() if everything or each.name not in found
    ]
    try:
        _run(chosen, found, jobs)
    except PromtoolError as error:
        console.print(str(error))
        sys.exit(1)
    if not names:
        results.save(found)  # drops rules that no longer exist
    sys.exit(_verdict(found, known))


def _run(chosen: Sequence[Subject], found: dict[str, Result], jobs: int) -> None:
    promtool = binary("promtool")
    reasons = accepted.load()
    started = time.monotonic()
    with ThreadPoolExecutor(jobs) as pool:
        running = {
            pool.submit(survivors, promtool, subject, accepted.accepted_changes(reasons, subject.name)): subject
            for subject in chosen
        }
        try:
            for number, done in enumerate(as_completed(running), 1):
                subject, survived = running[done], done.result()
                killed = len(subject.mutants) - len(survived)
                found[subject.name] = Result(subject.digest, killed, tuple(survived))
                results.add(subject.name, found[subject.name])
                console.print(f"[{number}/{len(chosen)}] {subject.name}: {killed} of {len(subject.mutants)} killed")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if chosen:
        console.print(f"{len(chosen)} rules tested in {time.monotonic() - started:.0f} s")


def _verdict(found: Mapping[str, Result], known: Mapping[str, Subject]) -> int:
    reasons = accepted.load()
    problems = accepted.find_problems(reasons, found, known)
    for problem in problems:
        console.print(str(problem))
    killed = sum(result.killed for result in found.values())
    survived = sum(len(result.survived) for result in found.values())
    console.print(
        f"{killed} of {killed + survived} mutants killed, {survived - len(accepted.unlisted(reasons, found))} accepted"
    )
    untested = [name for name in known if name not in found]
    if untested:
        console.print(f"not tested yet, run `make mutate`: {', '.join(untested)}")
    return 1 if problems or untested else 0


if __name__ == "__main__":
    main()
