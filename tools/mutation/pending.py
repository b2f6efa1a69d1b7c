"""Rules whose mutation test is outstanding, from pending.yaml."""

from pathlib import Path
from typing import Final

import yaml

# File with the names; `make mutate` tests these rules, after which they must be removed from the file.
PENDING: Final = Path(__file__).with_name("pending.yaml")


def load(path: Path = PENDING) -> tuple[str, ...]:
    """Load the names; empty if there is no such file."""
    return tuple(yaml.safe_load(path.read_text(encoding="utf-8")) or ()) if path.exists() else ()
