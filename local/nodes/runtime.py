"""Start of a program in a cgroup.

python -m local.nodes.runtime CGROUP PROGRAM ...
"""

from __future__ import annotations

import os
import sys

from local.nodes import cgroups

if __name__ == "__main__":
    cgroups.join(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
