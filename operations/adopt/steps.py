"""Steps of the migration: each finds out what is left of it, and with `apply` does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from common.words import counted
from operations.adopt.hand_over import hand_over, is_handed_over
from operations.adopt.history import configured_source, selector, source_labels
from operations.adopt.migration import Migration, present
from operations.adopt.model import State, Step
from operations.adopt.running import oldest_sample, utc
from operations.adopt.servers import Server, ServerError, request
from operations.adopt.silences import PATH, Copy, copies
from preflight.cluster_state import KubernetesObject

NAMES: Final = ("deploy beside", "copy silences", "read history", "prove the pager", "hand over")
# Seconds after the first sample of the previous Prometheus, and before that of this stack's, at which both must answer
# a query with the same number.
_AFTER_SECONDS: Final = 120
_BEFORE_SECONDS: Final = 60

_TOO_YOUNG: Final = f"has no samples that are older than {_AFTER_SECONDS} s; run it again later"

# Proves that this stack notifies; returns why it does not, empty if it does.
Proof = Callable[[], str]


def run_steps(migration: Migration, *, apply: bool, prove: Proof) -> Iterator[Step]:
    """Yield each step with its result; without `apply` nothing is changed.

    A step that needs an earlier one is not tried before that one is done. A second run finishes what a first did not.
    """
    deployed = deploy_beside(migration)
    yield deployed
    if migration.prometheus is None or migration.alertmanager is None:
        for name in NAMES[1:]:
            yield Step(name=name, state=State.TODO, text="after step 1")
        return
    copied = _guarded(NAMES[1], lambda: copy_silences(migration, apply=apply))
    yield copied
    history = _guarded(NAMES[2], lambda: read_history(migration))
    yield history
    before = [deployed, copied, history]
    proven = _guarded(NAMES[3], lambda: prove_pager(migration, before, apply=apply, prove=prove))
    yield proven
    yield _guarded(NAMES[4], lambda: hand_over(migration, [*before, proven], name=NAMES[4], apply=apply))


def deploy_beside(migration: Migration) -> Step:
    """Return whether this stack runs beside the previous one."""
    command = f"make deploy STACK={migration.stack}"
    if migration.prometheus is None or migration.alertmanager is None:
        state = State.BLOCKED if migration.conflicts else State.TODO
        actions = [*map(str, migration.conflicts), command]
        return Step(name=NAMES[0], state=state, text="this stack is not deployed", actions=actions)
    missing = [each.missing for each in (migration.prometheus, migration.alertmanager) if each.missing]
    if missing:
        check = f"make health STACK={migration.stack}"
        return Step(name=NAMES[0], state=_state_of(missing[0]), text="; ".join(missing), actions=[check])
    pods = len(migration.prometheus.addresses) + len(migration.alertmanager.addresses)
    text = f"{counted(pods, 'pod')} of Prometheus and Alertmanager run in namespace {migration.plan.namespace}"
    return Step(name=NAMES[0], state=State.DONE, text=text)


def copy_silences(migration: Migration, *, apply: bool) -> Step:
    """Copy the running silences of the previous Alertmanagers; return how many are in this stack.

    Raises:
        ServerError: an Alertmanager does not answer, or refuses a silence.
    """
    own = present(migration.alertmanager)
    posted = 0
    if apply:
        for server in migration.previous_alertmanagers:
            for copy in _copies(migration, server):
                if copy.body is not None:
                    request(own.reachable()[0], PATH, body=copy.body)
                    posted += 1
    found = [copy for server in migration.previous_alertmanagers for copy in _copies(migration, server)]
    missing = [copy for copy in found if copy.body is not None]
    notes = [f"silence {copy.original}: {copy.note}" for copy in found if copy.note]
    text = f"{counted(len(found), 'running silence')}, {len(found) - len(missing)} in this stack"
    if missing:
        return Step(name=NAMES[1], state=State.TODO, text=text, actions=notes)
    return Step(name=NAMES[1], state=State.DONE, text=f"{text} ({posted} copied now)" if apply else text, actions=notes)


def _copies(migration: Migration, server: Server) -> list[Copy]:
    own = present(migration.alertmanager).first(PATH)
    return copies(server.first(PATH), own, server.name, migration.known_alerts, datetime.now(UTC))


def read_history(migration: Migration) -> Step:
    """Return whether this stack answers a query for the time before it with the data of the previous one.

    Raises:
        ServerError: a Prometheus does not answer.
    """
    texts, problems = [], []
    for item, server in migration.previous_prometheuses:
        if configured_source(item, migration.settings.prometheus.remote_read) is None:
            problems.append(f"{server.name}: prometheus.remoteRead does not name it")
            continue
        text, problem = _compare(item, server, present(migration.prometheus))
        texts.append(text)
        problems += filter(None, [problem])
    if problems:
        actions = [] if all(_TOO_YOUNG in each for each in problems) else _reading_actions(migration)
        return Step(name=NAMES[2], state=State.TODO, text="; ".join(problems), actions=actions)
    return Step(name=NAMES[2], state=State.DONE, text="; ".join(texts) or "no Prometheus to read from")


def _reading_actions(migration: Migration) -> list[str]:
    own, theirs = migration.plan.namespace, migration.previous.namespace
    return [
        f"make deploy STACK={migration.stack}, with the settings that this report names",
        f"if it is deployed: network policies of namespace {theirs} must admit Prometheus of namespace {own}",
    ]


def _compare(item: KubernetesObject, server: Server, own: Server) -> tuple[str, str]:
    """Return what both Prometheus answer for a time before this stack, and how they differ; empty if they agree."""
    first = oldest_sample(server.reachable()[0])
    own_first = min(oldest_sample(address) for address in own.reachable())
    now = datetime.now(UTC).timestamp()
    times = [each for each in (first + _AFTER_SECONDS, own_first - _BEFORE_SECONDS) if first < each < now]
    query = f"count(up{{{selector(source_labels(item))}}})"
    answers = []
    for time in times:
        wanted = _value(server.reachable()[0], "count(up)", time)
        if not wanted:
            continue
        for address in own.reachable():
            if (found := _value(address, query, time)) != wanted:
                problem = f"{utc(time)}: {query} is {found:.0f} here and {wanted:.0f} in {server.name}"
                return "", problem
        answers.append(f"{query} is {wanted:.0f} at {utc(time)} in both")
    if not answers:
        return "", f"{server.name}: {_TOO_YOUNG}"
    return f"{server.name}: data since {utc(first)}; {'; '.join(answers)}", ""


def _value(address: str, query: str, time: float) -> float:
    data = request(address, "/api/v1/query", {"query": query, "time": f"{time:.3f}"})["data"]["result"]
    return float(data[0]["value"][1]) if data else 0.0


def prove_pager(migration: Migration, before: list[Step], *, apply: bool, prove: Proof) -> Step:
    """Prove that this stack notifies, once the steps before are done."""
    if is_handed_over(migration):
        return Step(name=NAMES[3], state=State.DONE, text="proven before the hand-over; again: make page")
    if not apply or any(step.state is not State.DONE for step in before):
        return Step(name=NAMES[3], state=State.TODO, text="by health checks and a test notification")
    if problem := prove():
        return Step(name=NAMES[3], state=State.FAILED, text=problem, actions=(f"make health STACK={migration.stack}",))
    return Step(name=NAMES[3], state=State.DONE, text="checks are ok, a test notification was delivered")


def _guarded(name: str, act: Callable[[], Step]) -> Step:
    """Return the step, as unknown or failed if a pod does not answer."""
    try:
        return act()
    except ServerError as error:
        return Step(name=name, state=_state_of(str(error)), text=str(error))


def _state_of(reason: str) -> State:
    # Nothing can be done about a simulated pod.
    return State.UNKNOWN if reason.endswith("is simulated") else State.FAILED
