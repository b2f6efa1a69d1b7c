"""Figures of a delivery run, added up from the recorded test properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

# Type of the pytest fixture `record_property`.
RecordProperty = Callable[[str, object], None]


@dataclass(frozen=True)
class Share:
    """A number out of a total."""

    reached: int = 0
    of: int = 0

    def __str__(self) -> str:
        return f"{self.reached} of {self.of}"


@dataclass(frozen=True)
class Figures:
    """Figures of a run.

    Attributes:
        delivered: Alerts per environment that arrived exactly once at each expected address and nowhere else.
        inhibited: Inhibition pairs of source and target that behaved as expected.
        survived: Failures without a lost message.
        lost: Lost messages.
        duplicates: Messages sent more than once while Alertmanagers were killed or partitioned.
    """

    delivered: Share
    inhibited: Share
    survived: Share
    lost: int
    duplicates: int

    @property
    def good(self) -> bool:
        """Return whether everything was tested, everything passed and no message was lost."""
        shares = (self.delivered, self.inhibited, self.survived)
        return self.lost == 0 and all(share.reached == share.of > 0 for share in shares)

    def as_dict(self) -> dict[str, object]:
        """Return the figures for `--json`."""
        return asdict(self)


def add_up(recorded: Iterable[tuple[str, object]]) -> Figures:
    """Add up the recorded values by name."""
    recorded = list(recorded)

    def shared(name: str) -> Share:
        found = [value for each, value in recorded if each == name and isinstance(value, tuple)]
        return Share(sum(reached for reached, _ in found), sum(of for _, of in found))

    def counted(name: str) -> int:
        return sum(value for each, value in recorded if each == name and isinstance(value, int))

    return Figures(shared("delivered"), shared("inhibited"), shared("survived"), counted("lost"), counted("duplicates"))
