"""Names, folders and addresses of the real node of an environment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NODE_NAME: Final = "node-1"
# The additional node for pods whose image is unavailable.
SIMULATED_NAME: Final = "simulated"
# Environments have separate networks, so all of them use the same addresses.
NODE_ADDRESS: Final = "10.245.0.1"
SIMULATED_ADDRESS: Final = "10.245.0.2"
POD_RANGE: Final = "10.244.0.0/24"
SIMULATED_POD_RANGE: Final = "10.243.0.1/24"
DNS_ADDRESS: Final = "10.96.0.10"
# Inside the mount namespace of the node, so there is no conflict with another containerd.
SOCKET: Final = "/run/containerd/containerd.sock"


@dataclass(frozen=True)
class NodeLayout:
    """Names and paths of one environment, derived from its state folder."""

    state: Path

    @property
    def identifier(self) -> str:
        """Name of the cgroup, the only machine-wide name of an environment."""
        return f"bais-{hashlib.sha256(str(self.state).encode()).hexdigest()[:12]}"

    @property
    def folder(self) -> Path:
        """Folder of all files of the node."""
        return self.state / "node"

    @property
    def volumes(self) -> Path:
        """Folder of the volumes of the pods, which survive a stop of the node."""
        return self.folder / "volumes"

    @property
    def holder_file(self) -> Path:
        """File with the process id of the holder, written when its namespaces are ready."""
        return self.folder / "holder"

    def holder_pid(self) -> int:
        """Return the recorded process id of the holder, which may have ended.

        Raises:
            OSError: no holder is recorded.
        """
        return int(self.holder_file.read_text())

    def nsenter(self, *kinds: str) -> list[str]:
        """Return the prefix of a command in namespaces (`net`, `mount`) of the node."""
        return ["nsenter", f"--target={self.holder_pid()}", *(f"--{kind}" for kind in kinds), "--"]
