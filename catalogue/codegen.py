"""What is generated and committed: written anew, or with --check only compared."""

import argparse
from collections.abc import Mapping
from pathlib import Path


def write_or_check(
    program: str, about: str | None, folder: str, wanted: Mapping[Path, str], arguments: list[str] | None
) -> int:
    """Write each file that is not current, or with --check among the arguments only name it; return the exit status.

    `folder` is what stands before the files' names in what is printed.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=about)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if anything is not current")
    check = parser.parse_args(arguments).check
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{folder}/{path.name} {'is not current' if check else 'written'}")
        if not check:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if check and stale else 0
