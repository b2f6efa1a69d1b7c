"""Writing and checking of generated files that are committed."""

import argparse
from collections.abc import Mapping
from pathlib import Path


def write_or_check(
    program: str, description: str | None, folder: str, files: Mapping[Path, str], arguments: list[str] | None
) -> int:
    """Write every file that is out of date, or only report it with --check.

    Args:
        program: Module name for the usage text.
        description: Description for the usage text.
        folder: Folder name that is printed before each file name.
        files: Expected text of each file.
        arguments: Command line arguments, by default those of the process.

    Returns:
        The exit status: 1 if --check is given and a file is out of date.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    check = parser.parse_args(arguments).check
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{folder}/{path.name} {'is out of date; run: make generate' if check else 'written'}")
        if not check:
            path.write_text(files[path], encoding="utf-8")
    return 1 if check and stale else 0
