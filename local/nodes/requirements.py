"""Whether this machine can have a real node, and what is in the way if not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from local.nodes import cgroups
from local.nodes.packages import find_programs
from local.tools.debian import UnavailableError

# Programs of util-linux and iproute2.
REQUIRED_PROGRAMS: Final = ("unshare", "nsenter", "mount", "ip")
# Folders that are not this machine's own inside of the node.
REPLACED_FOLDERS: Final = ("/run", "/var", "/sys", "/proc", "/dev")
# In namespaces of its own, where nothing of it stays: an interface, a bridge, filtering of what crosses it, and a file
# system in layers, all on the file system that the node is to use.
PROBE_SCRIPT: Final = """
ip link add bais0 type veth peer name bais1 &&
ip link add bais2 type bridge &&
test -e /proc/sys/net/bridge/bridge-nf-call-iptables &&
mkdir lower upper work merged &&
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged &&
touch merged/file
"""


def unmet_requirement(state: Path) -> str | None:
    """Why a real node cannot be had with this state folder; nothing if it can, its Debian packages included."""
    if sys.platform != "linux":
        return "it needs Linux"
    if os.geteuid() != 0:
        return "it needs root"
    if missing := [name for name in REQUIRED_PROGRAMS if shutil.which(name) is None]:
        return f"it needs {', '.join(missing)} on PATH"
    if hidden := [folder for folder in REPLACED_FOLDERS if state.resolve().is_relative_to(folder)]:
        return f"its state folder may not lie below {hidden[0]}"
    if not cgroups.hierarchies():
        return "no cgroups are mounted"
    if not all(os.access(hierarchy, os.W_OK) for hierarchy in cgroups.hierarchies()):
        return "the cgroups cannot be written"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=state, prefix=".trial-") as folder:
        command = ["unshare", "--net", "--mount", "--propagation=private", "sh", "-euc", PROBE_SCRIPT]
        trial = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=20)
    if trial.returncode:
        return f"the kernel refuses: {' '.join(trial.stderr.split()) or 'it cannot filter what crosses a bridge'}"
    try:
        find_programs()
    except UnavailableError as error:
        return str(error)
    return None
