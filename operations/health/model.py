"""Results of checks, and answers of pods that may be missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

AnswerT = TypeVar("AnswerT")


class State(StrEnum):
    """State of a check; `unknown` is what could not be determined, which is never ok."""

    OK = "ok"
    WARNING = "warning"
    UNKNOWN = "unknown"
    FAILED = "failed"


class UnknownError(Exception):
    """What a check needs could not be read.

    Attributes:
        reason: Why, in one line.
        action: What to do about it.
        simulated: Whether it does not exist, because its pods are simulated.
    """

    def __init__(self, reason: str, action: str, *, simulated: bool = False) -> None:
        """Keep reason and action."""
        super().__init__(reason)
        self.reason, self.action, self.simulated = reason, action, simulated


@dataclass(frozen=True, kw_only=True)
class Result:
    """Result of a check.

    Attributes:
        state: State.
        value: What was found, with its number, in one line.
        action: What to do; empty if the state is ok.
        subject: What of several was checked, such as a job or a claim; empty if the check has one result.
        simulated: Whether the state is unknown because pods are simulated.
    """

    state: State
    value: str
    action: str = ""
    subject: str = ""
    simulated: bool = False


def ok(value: str, subject: str = "") -> Result:
    """Return a result that needs no action."""
    return Result(state=State.OK, value=value, subject=subject)


def warning(value: str, action: str, subject: str = "") -> Result:
    """Return a result that needs action during the day."""
    return Result(state=State.WARNING, value=value, action=action, subject=subject)


def failed(value: str, action: str, subject: str = "") -> Result:
    """Return a result that needs action now."""
    return Result(state=State.FAILED, value=value, action=action, subject=subject)


def unknown(error: UnknownError, subject: str = "") -> Result:
    """Return the result of a check whose input could not be read."""
    return Result(
        state=State.UNKNOWN, value=error.reason, action=error.action, subject=subject, simulated=error.simulated
    )


def not_all_answer(found: str, answering: int, wanted: int) -> UnknownError:
    """Return the error of a check that is ok as far as replicas answer, which not all do."""
    return UnknownError(f"{found} by {answering} of {wanted} replicas", "see which do not answer: group components")


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check with its result.

    Attributes:
        group: Row of the production checklist.
        name: Name, unique in the group.
        result: Result.
    """

    group: str
    name: str
    result: Result


def exit_code(checks: Iterable[Check]) -> int:
    """Return 1 if a check failed, else 2 if the state of one is unknown, else 0."""
    states = {check.result.state for check in checks}
    if State.FAILED in states:
        return 1
    return 2 if State.UNKNOWN in states or not states else 0


@dataclass(frozen=True, kw_only=True)
class Answers(Generic[AnswerT]):
    """Answers of the pods of a component.

    Attributes:
        title: Name of the component.
        by_pod: Answer of each pod that could be read.
        missing: Why a pod could not be read, by its name.
    """

    title: str
    by_pod: Mapping[str, AnswerT]
    missing: Mapping[str, UnknownError]

    def all(self) -> list[AnswerT]:
        """Return the answers of all pods that could be read.

        Raises:
            UnknownError: None could be read.
        """
        if self.by_pod:
            return list(self.by_pod.values())
        raise next(iter(self.missing.values()), None) or UnknownError(
            f"{self.title} has no pods", f"restore {self.title} first: see the group components"
        )
