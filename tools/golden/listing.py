"""The resources of a stack as text, one line each, so that a renamed, moved or unprotected one shows in a review."""

from pathlib import Path
from typing import Final
from unittest import mock

from common.project import PROJECT
from tools.mocked_program import Registration, configuration, run_program

FOLDER: Final = PROJECT / "tests" / "golden"
COMMAND: Final = "make generate"
"""Writes every file anew."""


def listing_path(stack: str) -> Path:
    """The file that keeps a stack's listing."""
    return FOLDER / f"{stack}.txt"


def render_listing(stack: str) -> str:
    """A line for each resource: its URN without stack and project, how it outlives its end, what it comes after."""
    with mock.patch("preflight.plan.cluster_problems", return_value=[]):
        done = run_program(configuration(stack, "upstream"))
    return "".join(f"{line}\n" for line in sorted(map(_line, done.resources)))


def _line(resource: Registration) -> str:
    marks = {"protected": resource.protected, "retained": resource.retained}
    words = [resource.qualified, *(mark for mark, is_set in marks.items() if is_set)]
    after = sorted(resource.dependencies)
    return " ".join([*words, *(["after", *after] if after else [])])
