"""Address of this repository's files at its Git host."""

import re
import subprocess
from typing import Final

from common.project import PROJECT

_REMOTE: Final = re.compile(
    r"(?:https://(?:[^@/]*@)?|ssh://git@|git@)(?P<host>[\w.-]+)(?::\d+(?=/))?[:/](?P<path>[\w./~-]+?)(?:\.git)?/?"
)


def web_address() -> str:
    """Return the address of the default branch's files in a browser; empty for an unknown host."""
    command = ["git", "remote", "get-url", "origin"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return address_of(done.stdout.strip())


def address_of(remote: str) -> str:
    """Return the address of the files of a remote at GitHub or GitLab; empty for another host."""
    found = _REMOTE.fullmatch(remote)
    if found is None:
        return ""
    base = f"https://{found['host']}/{found['path']}"
    if "github" in found["host"]:
        return f"{base}/blob/main"
    return f"{base}/-/blob/main" if "gitlab" in found["host"] else ""
