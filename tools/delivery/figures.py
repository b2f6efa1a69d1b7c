"""The figures of a run: what the tests record, added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

RecordProperty = Callable[[str, object], None]
"""What pytest's `record_property` is."""


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    reached: int = 0
    of: int = 0

    def __str__(self) -> str:
        return f"{self.reached} of {self.of}"


@dataclass(frozen=True)
class Figures:
    """What a run came to.

    Attributes:
        delivered: Alerts of each environment that arrived once at each address of the table and nowhere else.
        inhibited: Pairs of source and target that were executed.
        survived: Faults that no message was lost to.
        lost: Messages.
        duplicates: Messages that came again while Alertmanagers were killed or parted.
    """

    delivered: Share
    inhibited: Share
    survived: Share
    lost: int
    duplicates: int

    @property
    def good(self) -> bool:
        """Whether all was tried, all went well and nothing was lost."""
        shares = (self.delivered, self.inhibited, self.survived)
        return self.lost == 0 and all(share.reached == share.of > 0 for share in shares)

    def as_dict(self) -> dict[str, object]:
        """The figures for `--json`."""
        return asdict(self)


def add_up(recorded: Iterable[tuple[str, object]]) -> Figures:
    """Add up what was recorded under each name."""
    recorded = list(recorded)

    def shared(name: str) -> Share:
        found = [value for each, value in recorded if each == name and isinstance(value, tuple)]
        return Share(sum(reached for reached, _ in found), sum(of for _, of in found))

    def counted(name: str) -> int:
        return sum(value for each, value in recorded if each == name and isinstance(value, int))

    return Figures(shared("delivered"), shared("inhibited"), shared("survived"), counted("lost"), counted("duplicates"))
