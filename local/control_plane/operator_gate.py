"""Start of the operator, delayed until its CRDs exist.

The operator is executed in the same process.

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

# Number of CRDs in the API group of the operator.
CRD_COUNT: Final = 10
LIST_CRDS: Final = ("api-resources", "--api-group=monitoring.coreos.com", "--output=name", "--request-timeout=5s")


def crds_established() -> bool:
    """Return whether the API server serves all CRDs of the operator."""
    # Without the process mark: kubectl must not be mistaken for the operator.
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    result = subprocess.run(
        [str(binary("kubectl")), *LIST_CRDS], env=environment, capture_output=True, text=True, check=False
    )
    return len(result.stdout.split()) >= CRD_COUNT


def main() -> None:
    """Wait for the CRDs, then replace this process by the operator."""
    while not crds_established():
        time.sleep(0.5)
    os.execv(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
