"""One deployment that is killed, recovered and completed."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Final

import psutil

from tools.checkout import Checkout
from tools.earlier_versions import downgrade, restore_versions

ENGINE: Final = "engine"
API_SERVER: Final = "kube-apiserver"
_TIMEOUT_SECONDS: Final = 400
# Objects that change by themselves, that have random names, and Helm's former revisions.
_IGNORED: Final = (
    *("event", "lease", "endpoint", "replicaset", "pod/", "controllerrevision", "apiservice", "componentstatus"),
    *("ipaddress", "persistentvolume/"),
    "secret/sh.helm.release.",
)


@dataclass(frozen=True)
class Trial:
    """Result of one killed deployment.

    Attributes:
        killed: `engine` or `kube-apiserver`.
        update: Whether it was an update of a deployed stack.
        seconds: Time of the kill, after the start of the deployment.
        interrupted: Whether the deployment failed because of it.
        completed: Whether the plain `pulumi up` after the recovery succeeded.
        recovered: Whether `make recover` was needed for that.
        unchanged: Whether a preview afterwards shows no change.
        missing: Objects that an uninterrupted deployment has, and this one has not.
        orphans: Objects that only this one has.
        output: End of the output of the first command that failed.
    """

    killed: str
    update: bool
    seconds: float
    interrupted: bool
    completed: bool
    recovered: bool
    unchanged: bool
    missing: tuple[str, ...]
    orphans: tuple[str, ...]
    output: str

    @property
    def hit(self) -> bool:
        """Whether the kill was within the deployment, which may survive that of the API server."""
        return self.interrupted or self.killed == API_SERVER

    @property
    def good(self) -> bool:
        """Whether the cluster is as after an uninterrupted deployment."""
        return self.hit and self.completed and self.unchanged and not self.missing and not self.orphans


def objects(checkout: Checkout) -> frozenset[str]:
    """Return kind and name of every object in the namespaces of the stack, and of the cluster-wide ones."""
    kubectl = checkout.control_plane.kubectl
    found: set[str] = set()
    for namespaced in ("true", "false"):
        kinds = kubectl("api-resources", f"--namespaced={namespaced}", "--verbs=list", "--output=name").split()
        options = ["--all-namespaces"] if namespaced == "true" else []
        listed = kubectl("get", ",".join(kinds), *options, "--output=name")
        found |= {line for line in listed.split() if not line.startswith(_IGNORED)}
    return frozenset(found)


def run_trial(checkout: Checkout, killed: str, seconds: float, expected: frozenset[str], *, update: bool) -> Trial:
    """Kill a deployment some seconds after its start, complete it, and compare the objects with the expected ones.

    It is the first one or, with `update`, that of current versions and changed settings on earlier versions.
    """
    if update:
        deploy_earlier(checkout)
        _update(checkout)
    with checkout.start_engine("up", "--yes", "--skip-preview") as deployment:
        time.sleep(seconds)
        if killed == ENGINE:
            # With its plug-ins and program at once, as the loss of a machine would.
            for process in checkout.engine_processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        else:
            checkout.control_plane.processes()[killed].kill()
            checkout.control_plane.start()
        deployment.communicate(timeout=_TIMEOUT_SECONDS)
    completed = checkout.run_engine("up", "--yes", "--skip-preview", timeout=_TIMEOUT_SECONDS)
    output, recovered = "", False
    if completed.returncode:
        output, recovered = completed.stdout[-2000:], True
        checkout.recover("--yes")
        completed = checkout.run_engine("up", "--yes", "--skip-preview", timeout=_TIMEOUT_SECONDS)
    unchanged = checkout.run_engine("preview", "--expect-no-changes", timeout=_TIMEOUT_SECONDS)
    for failed in (completed, unchanged):
        output = output if failed.returncode == 0 else failed.stdout[-3000:]
    found = objects(checkout)
    return Trial(
        killed=killed,
        update=update,
        seconds=seconds,
        interrupted=deployment.returncode != 0,
        completed=completed.returncode == 0,
        recovered=recovered,
        unchanged=unchanged.returncode == 0,
        missing=tuple(sorted(expected - found)),
        orphans=tuple(sorted(found - expected)),
        output=output,
    )


def deploy(checkout: Checkout) -> float:
    """Deploy without interruption; return the duration in seconds.

    Raises:
        RuntimeError: it failed.
    """
    start = time.monotonic()
    result = checkout.run_engine("up", "--yes", "--skip-preview", timeout=_TIMEOUT_SECONDS)
    if result.returncode:
        raise RuntimeError(result.stdout)
    return time.monotonic() - start


def deploy_earlier(checkout: Checkout) -> None:
    """Deploy earlier versions of all charts and images without interruption.

    Raises:
        RuntimeError: it failed.
    """
    downgrade(checkout)
    deploy(checkout)


def deploy_update(checkout: Checkout) -> float:
    """Deploy current versions and changed settings without interruption; return the duration in seconds.

    Raises:
        RuntimeError: it failed.
    """
    _update(checkout)
    return deploy(checkout)


def _update(checkout: Checkout) -> None:
    """Pin the current versions, and change settings that reach releases, rules, instances and Secrets."""
    restore_versions(checkout)
    with checkout.edit_settings() as settings:
        settings["monitoring:kubeStateMetrics"] = {"resources": {"requests": {"memory": "160Mi"}}}
        settings["monitoring:nodeExporter"] = {"scrapeInterval": "20s"}
        settings["monitoring:blackboxExporter"] = {"resources": {"requests": {"memory": "48Mi"}}}
        settings["monitoring:prometheus"]["retention"] = "3d"
        settings["monitoring:notifications"]["groupWait"] = "40s"
        settings["monitoring:alerts"] = {"tunables": {"scrape_limit_ratio": 0.7}}
