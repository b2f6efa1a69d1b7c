"""Ports, tokens and kubeconfigs of an embedded control plane."""

from __future__ import annotations

import contextlib
import csv
import json
import secrets
from pathlib import Path
from typing import Final

import yaml

from local.private_files import write_private
from local.processes import free_ports

# User and group of each kubeconfig; the file of the admin is named `kubeconfig`.
USERS: Final = {
    "admin": ("admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", ""),
    "scheduler": ("system:kube-scheduler", ""),
    "kubelet": ("system:node:node-1", "system:nodes"),
    "kube-proxy": ("system:kube-proxy", ""),
}


def kubeconfig_path(state: Path, account: str = "admin") -> Path:
    """Return the path of the kubeconfig of one of USERS."""
    return state / ("kubeconfig" if account == "admin" else f"{account}.kubeconfig")


def read_ports(state: Path) -> dict[str, int]:
    """Return the recorded ports by process name.

    Empty if there are none or the file is damaged.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        ports = json.loads((state / "ports.json").read_text())
        return {str(name): int(port) for name, port in ports.items()}
    return {}


def assign_ports(state: Path, names: tuple[str, ...]) -> None:
    """Assign a free port to each name and record the ports."""
    write_private(state / "ports.json", json.dumps(dict(zip(names, free_ports(len(names)), strict=True))))


def write_kubeconfigs(state: Path, context: str, api_server_port: int) -> None:
    """Write one kubeconfig per user, with new tokens if any is missing."""
    tokens = _tokens(state / "tokens.csv")
    if set(tokens) != set(USERS):
        tokens = {name: secrets.token_hex(16) for name in USERS}
        rows = (f'{tokens[name]},{user},{name},"{group}"' for name, (user, group) in USERS.items())
        write_private(state / "tokens.csv", "\n".join(rows) + "\n")
    server = f"https://127.0.0.1:{api_server_port}"
    authority = str(state / "certificates" / "authority.crt")
    for name, token in tokens.items():
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": context, "cluster": {"server": server, "certificate-authority": authority}}],
            "users": [{"name": context, "user": {"token": token}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        }
        write_private(kubeconfig_path(state, name), yaml.safe_dump(content))


def _tokens(path: Path) -> dict[str, str]:
    """Return the tokens by account; damaged rows are skipped."""
    if not path.exists():
        return {}
    with path.open() as rows:
        return {row[2]: row[0] for row in csv.reader(rows) if len(row) == 4}
