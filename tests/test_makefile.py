import re
import subprocess
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parent.parent
MAKEFILE: Final = (PROJECT / "Makefile").read_text()
GROUPS: Final = ["Run", "Test and check", "Author", "Review", "Operate"]


def phony_targets() -> list[str]:
    return [name for line in re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE) for name in line.split()]


def printed_help() -> list[str]:
    command = ["make", "-s", "-C", str(PROJECT), "help"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_help_lists_every_target_once() -> None:
    listed = [line.split()[1] for line in printed_help() if line.startswith("  make ")]
    assert len(listed) > 20
    assert sorted(listed) == sorted(phony_targets())


def test_every_target_is_phony() -> None:
    assert set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)) == set(phony_targets())


def test_help_prints_the_groups_in_the_order_of_work() -> None:
    assert [line for line in printed_help() if line and not line.startswith(" ")] == GROUPS


def test_every_help_text_is_a_sentence_that_fits_a_terminal() -> None:
    texts = [line for line in printed_help() if line.startswith("  make ")]
    offenders = [line for line in texts if len(line) > 130 or not re.match(r"  make [a-z-]+ +[A-Z]", line)]
    assert offenders == []
