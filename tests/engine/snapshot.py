"""A deployed stack as files: deployed once per test session, and copied by every module that starts from one."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock

from tools.checkout import Checkout

# Each copy gets its own ports and its own log.
NOT_COPIED: Final = ("ports.json", "logs", "*.lock")


@dataclass(frozen=True)
class Snapshot:
    """The state folder of a checkout after its first `make up` and `make down`.

    Attributes:
        folder: The folder `.state` of that checkout.
        output: What the first `make up` printed.
    """

    folder: Path
    output: str

    def restore(self, checkout: Checkout) -> None:
        """Copy the state into a checkout that has none, and start its control plane."""
        shutil.copytree(self.folder, checkout.folder / ".state", ignore=shutil.ignore_patterns(*NOT_COPIED))
        started = checkout.run("cluster")
        assert started.returncode == 0, started.stdout


def deployed_stack(folder: Path, charts: Path | None) -> Snapshot:
    """Return the snapshot in a folder that all workers share; the first caller deploys it."""
    folder.mkdir(exist_ok=True)
    output = folder / "output"
    with FileLock(folder / "lock"):
        if not output.exists():
            shutil.rmtree(folder / "checkout", ignore_errors=True)
            _deploy(folder / "checkout", charts, output)
    return Snapshot(folder / "checkout" / ".state", output.read_text())


def _deploy(folder: Path, charts: Path | None, output: Path) -> None:
    checkout = Checkout(folder)
    try:
        chosen = ("--charts", str(charts)) if charts else ()
        deployed = checkout.run("up", *chosen, timeout=300)
    finally:
        checkout.control_plane.stop()
    assert deployed.returncode == 0, deployed.stdout
    output.write_text(deployed.stdout)
