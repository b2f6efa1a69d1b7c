"""Names, folders and addresses of one environment's real node."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NODE_NAME: Final = "node-1"
# The node beside it, for pods whose image cannot be had.
SIMULATED_NAME: Final = "simulated"
# Environments do not see each other's networks, so all of them have the same addresses.
NODE_ADDRESS: Final = "10.245.0.1"
SIMULATED_ADDRESS: Final = "10.245.0.2"
POD_RANGE: Final = "10.244.0.0/24"
SIMULATED_POD_RANGE: Final = "10.243.0.1/24"
DNS_ADDRESS: Final = "10.96.0.10"
# In the node's own mount namespace, where nobody else's is in the way.
SOCKET: Final = "/run/containerd/containerd.sock"


@dataclass(frozen=True)
class NodeLayout:
    """What one environment calls its own; everything follows from its state folder."""

    state: Path

    @property
    def identifier(self) -> str:
        """Name of its cgroup, the only thing that it has beside others of the same kind."""
        return f"bais-{hashlib.sha256(str(self.state).encode()).hexdigest()[:12]}"

    @property
    def folder(self) -> Path:
        """Folder of everything that the node writes."""
        return self.state / "node"

    @property
    def volumes(self) -> Path:
        """Folder of the pods' volumes: data that stay when the node goes."""
        return self.folder / "volumes"

    @property
    def holder_file(self) -> Path:
        """File with the id of the process that holds the namespaces, written when they are complete."""
        return self.folder / "holder"

    def holder_pid(self) -> int:
        """Id of the process that holds the namespaces, living or not.

        Raises:
            OSError: there was none.
        """
        return int(self.holder_file.read_text())

    def nsenter(self, *kinds: str) -> list[str]:
        """The words before a command that runs it in namespaces (`net`, `mount`) of the node."""
        return ["nsenter", f"--target={self.holder_pid()}", *(f"--{kind}" for kind in kinds), "--"]
