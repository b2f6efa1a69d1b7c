"""Run of scenarios, several at a time: most of the time Alertmanager waits."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.scenarios.evaluation import Group, evaluate
from tools.scenarios.model import Scenario
from tools.scenarios.notifications import deliver
from tools.scenarios.outcome import Outcome, incidents, paging_receivers

PARALLEL: Final = 8
# Evaluations use a processor each.
_EVALUATING: Final = threading.Semaphore(os.cpu_count() or 1)


@dataclass(frozen=True)
class Subject:
    """What scenarios are played against.

    Attributes:
        groups: Rule groups, as in rule files.
        configuration: Alertmanager's configuration file.
        external_labels: Labels that Prometheus adds to every alert that it sends.
    """

    groups: Sequence[Group]
    configuration: Mapping[str, Any]
    external_labels: Mapping[str, str]


# Returns the subject of a scenario, which depends on its stack and settings.
SubjectOf = Callable[[Scenario], Subject]


def run(scenarios: Sequence[Scenario], subject_of: SubjectOf) -> Iterator[Outcome]:
    """Yield the outcome of each scenario as it ends."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        running = [pool.submit(run_scenario, scenario, subject_of(scenario)) for scenario in scenarios]
        try:
            for done in as_completed(running):
                yield done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def run_scenario(scenario: Scenario, subject: Subject) -> Outcome:
    """Evaluate the rules over a scenario, send the alerts through Alertmanager, and compare.

    Raises:
        EvaluationError: promtool refuses the rules or the series.
    """
    started = time.monotonic()
    with _EVALUATING:
        timeline = evaluate(scenario, subject.groups, subject.external_labels)
    with tempfile.TemporaryDirectory() as folder:
        messages = deliver(timeline, subject.configuration, subject.external_labels, Path(folder) / "alertmanager")
    return Outcome(
        scenario,
        incidents(messages, scenario.ignored_receivers),
        paging_receivers(subject.configuration),
        time.monotonic() - started,
    )
