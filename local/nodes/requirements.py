"""Requirements of a real node on this machine."""

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
# Folders of the host that the node replaces.
REPLACED_FOLDERS: Final = ("/run", "/var", "/sys", "/proc", "/dev")
# Checks kernel features in temporary namespaces: veth, bridge, bridge filtering, and overlay on the file system of the
# state folder.
PROBE_SCRIPT: Final = """
ip link add bais0 type veth peer name bais1 &&
ip link add bais2 type bridge &&
test -e /proc/sys/net/bridge/bridge-nf-call-iptables &&
mkdir lower upper work merged &&
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged &&
touch merged/file
"""


def unmet_requirement(state: Path) -> str | None:
    """Return why a real node is not supported with this state folder, or None.

    Downloads the Debian packages of the node if they are not installed.
    """
    if sys.platform != "linux":
        return "requires Linux"
    if os.geteuid() != 0:
        return "requires root"
    if missing := [name for name in REQUIRED_PROGRAMS if shutil.which(name) is None]:
        return f"requires {', '.join(missing)} on PATH"
    if hidden := [folder for folder in REPLACED_FOLDERS if state.resolve().is_relative_to(folder)]:
        return f"the state folder must not be below {hidden[0]}"
    if not cgroups.hierarchies():
        return "no cgroups are mounted"
    if not all(os.access(hierarchy, os.W_OK) for hierarchy in cgroups.hierarchies()):
        return "the cgroups are not writable"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=state, prefix=".trial-") as folder:
        command = ["unshare", "--net", "--mount", "--propagation=private", "sh", "-euc", PROBE_SCRIPT]
        trial = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=20)
    if trial.returncode:
        return f"the kernel check failed: {' '.join(trial.stderr.split()) or 'bridge-nf-call-iptables is missing'}"
    try:
        find_programs()
    except UnavailableError as error:
        return str(error)
    return None
