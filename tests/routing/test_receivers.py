"""Channels of receivers, and gaps of a scaffolded one."""

from common.project import PROJECT
from routing.receivers import CHANNELS
from tools import receiver_scaffold


def test_every_channel_has_a_row_in_the_receivers() -> None:
    modules = {path.stem for path in (PROJECT / "routing" / "channels").glob("*.py")} - {"__init__", "base"}
    assert {channel.__module__.rpartition(".")[2] for channel in CHANNELS} == modules


def test_no_gap_of_a_new_receiver_is_left() -> None:
    gaps = receiver_scaffold.gaps()
    assert gaps == [], "\n".join(["replace each of these, as docs/guides/receiver.md explains:", *gaps])
