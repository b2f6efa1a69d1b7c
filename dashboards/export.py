"""Keep the production board as a file to import by hand: `python -m dashboards.export [--check]`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from dashboards import catalogue
from rules.catalogue import load, tunables_in_force

FILE: Final = Path(__file__).parents[1] / "scripts" / "grafana-dashboard-bais.json"
UID: Final = "bais-production"


def current() -> str:
    """Return the text that the file should have: the board with the catalogue's defaults, without links to runbooks."""
    board = catalogue.render({}, tunables=tunables_in_force(load(), {}), changed={})[UID]
    return json.dumps(json.loads(board), indent=2, sort_keys=True) + "\n"


def main(arguments: list[str] | None = None, file: Path = FILE) -> int:
    """Write the file, or with --check only say whether it is current; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.export", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the file is not current")
    check = parser.parse_args(arguments).check
    text = current()
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return 0
    print(f"scripts/{file.name} {'is not current' if check else 'written'}")
    if not check:
        file.write_text(text, encoding="utf-8")
    return 1 if check else 0


if __name__ == "__main__":
    sys.exit(main())
