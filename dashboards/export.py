"""Export of the production dashboard for manual import: `python -m dashboards.export [--check]`."""

import json
import sys
from pathlib import Path
from typing import Final

from catalogue.codegen import write_or_check
from common.project import PROJECT
from dashboards import stack
from dashboards.defaults import ENVIRONMENT, TUNABLES

FILE: Final = PROJECT / "scripts" / "grafana-dashboard-bais.json"
UID: Final = "bais-production"


def current() -> str:
    """Return the current JSON: the defaults, without links to runbooks."""
    board = stack.render({}, environment=ENVIRONMENT, tunables=TUNABLES, overrides={})[UID]
    return json.dumps(json.loads(board), indent=2, sort_keys=True) + "\n"


def main(arguments: list[str] | None = None, file: Path = FILE) -> int:
    """Write the file, or with --check report whether it is current; return the exit status."""
    return write_or_check("dashboards.export", __doc__, "scripts", {file: current()}, arguments)


if __name__ == "__main__":
    sys.exit(main())
