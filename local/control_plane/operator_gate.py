"""Waits for the operator's custom resource definitions, then becomes the operator (same process id).

Run as `python -m local.control_plane.operator_gate OPERATOR ARGUMENT...` with KUBECONFIG set.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Final

from local.processes import MARK
from local.tools.toolset import binary

# Custom resource definitions that belong to the operator's group.
CRD_COUNT: Final = 10
LIST_CRDS: Final = ("api-resources", "--api-group=monitoring.coreos.com", "--output=name", "--request-timeout=5s")


def crds_established() -> bool:
    """Whether the API server serves all of them."""
    # Without the mark of this process: whoever looks for the operator must not find kubectl.
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    answer = subprocess.run(
        [str(binary("kubectl")), *LIST_CRDS], env=environment, capture_output=True, text=True, check=False
    )
    return len(answer.stdout.split()) >= CRD_COUNT


def main() -> None:
    """Wait, then replace this process."""
    while not crds_established():
        time.sleep(0.5)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
