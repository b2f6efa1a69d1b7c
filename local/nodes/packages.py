"""The programs of Debian packages that a real node needs: installed ones, else unpacked into the cache of tools."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from local.tools.debian import library_environment, program

# The package of each program.
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
# Debian's package holds one program that is all of these by the name it is called by.
_FIREWALL: Final = [f"ip{version}tables{form}" for version in ("", "6") for form in ("", "-save", "-restore")]


def find_programs() -> dict[str, Path]:
    """Where each program is; what is missing is unpacked first.

    Raises:
        UnavailableError: one is neither installed nor to be had by apt.
    """
    return {name: program(name, package) for name, package in PACKAGES.items()}


def link_programs(folder: Path) -> dict[str, str]:
    """Link all programs into one folder and return the environment in which the node's processes find them."""
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
