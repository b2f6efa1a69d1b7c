"""Audit of the locked Python packages with pip-audit, which asks the OSV database of advisories."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.supply_chain.python_lock import LOCK, locked_packages


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Result of an audit.

    Attributes:
        audited: Number of packages that the service answered for.
        advisories: One line for each known vulnerability.
        unknown: Why the result is incomplete, one line for each reason.
    """

    audited: int = 0
    advisories: Sequence[str] = ()
    unknown: Sequence[str] = ()

    @property
    def exit_code(self) -> int:
        """Return 0 only if every package is known to have no vulnerability; 2 if that is unknown."""
        return 1 if self.advisories else 2 if self.unknown else 0


def audit(lock: Path = LOCK, service: str | None = None) -> Audit:
    """Audit the packages of a lock file; `service` is the URL of another OSV service than the public one."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service=osv", "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner=off", "--format=json", f"--requirement={lock}"]
    command += [f"--osv-url={service}"] if service else []
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        # A failed audit and found vulnerabilities have the same exit code, but only an audit has a report.
        dependencies = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
        return Audit(unknown=[f"no answer from the advisory service: {reason}"])
    return _evaluate(dependencies, set(locked_packages(lock.read_text())))


def _evaluate(dependencies: Sequence[Mapping[str, Any]], locked: set[str]) -> Audit:
    audited = {each["name"]: each["vulns"] for each in dependencies if "skip_reason" not in each}
    advisories = [
        f"{name}: {vulnerability['id']}; fixed in {', '.join(vulnerability['fix_versions']) or 'no version'}"
        for name, vulnerabilities in sorted(audited.items())
        for vulnerability in vulnerabilities
    ]
    missing = [f"{name}: not audited" for name in sorted(locked - set(audited))]
    return Audit(audited=len(audited), advisories=advisories, unknown=missing)
