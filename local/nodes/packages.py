"""Programs from Debian packages that a real node requires."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from local.tools.debian import library_environment, program

# Package by program.
PACKAGES: Final = {
    "containerd": "containerd",
    "containerd-shim-runc-v2": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "cni/bridge": "containernetworking-plugins",
    "cni/host-local": "containernetworking-plugins",
    "cni/loopback": "containernetworking-plugins",
    "xtables-nft-multi": "iptables",
    "ip": "iproute2",
    "busybox": "busybox-static",
}
# Names of one multi-call program.
_FIREWALL: Final = [f"ip{version}tables{form}" for version in ("", "6") for form in ("", "-save", "-restore")]


def find_programs() -> dict[str, Path]:
    """Return the path of each program; missing packages are downloaded and unpacked.

    Raises:
        UnavailableError: a program is neither installed nor available with apt.
    """
    return {name: program(name, package) for name, package in PACKAGES.items()}


def link_programs(folder: Path) -> dict[str, str]:
    """Link all programs into one folder.

    Returns environment variables for the processes of the node.
    """
    programs = find_programs()
    links = programs | dict.fromkeys(_FIREWALL, programs["xtables-nft-multi"])
    for name, target in links.items():
        link = folder / name
        if not link.exists() or link.readlink() != target:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    paths = [path for path in map(library_environment, programs.values()) if path]
    if paths:
        folders = dict.fromkeys(folder for path in paths for folder in path["LD_LIBRARY_PATH"].split(os.pathsep))
        environment["LD_LIBRARY_PATH"] = os.pathsep.join(folders)
    for extension in programs["xtables-nft-multi"].parents[2].glob("usr/lib/*/xtables"):
        environment["XTABLES_LIBDIR"] = str(extension)
    return environment
