"""Golden files of the resources of a stack, one line per resource."""

from pathlib import Path
from typing import Final

from common.project import PROJECT
from tools.mocked_program import Registration, configuration, run_program
from tools.stubbed_cluster import stubbed_cluster

FOLDER: Final = PROJECT / "tests" / "golden"
# Command that writes all golden files.
COMMAND: Final = "make generate"


def listing_path(stack: str) -> Path:
    """Return the path of the golden file of a stack."""
    return FOLDER / f"{stack}.txt"


def render_listing(stack: str) -> str:
    """Return one line per resource: short URN, protection and dependencies."""
    with stubbed_cluster():
        done = run_program(configuration(stack, "upstream"))
    return "".join(f"{line}\n" for line in sorted(map(_line, done.resources)))


def _line(resource: Registration) -> str:
    marks = {"protected": resource.protected, "retained": resource.retained}
    words = [resource.qualified, *(mark for mark, is_set in marks.items() if is_set)]
    after = sorted(resource.dependencies)
    return " ".join([*words, *(["after", *after] if after else [])])
