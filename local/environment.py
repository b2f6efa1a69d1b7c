"""The embedded environment of this checkout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from filelock import FileLock, Timeout

from common.project import PROJECT
from local.control_plane.lifecycle import ControlPlane
from local.demo.platform import Demo
from local.deploy.deployment import Deployment, DeploymentError
from local.deploy.status import StatusRow, component_rows, process_rows
from preflight.charts import stand_ins

STATE: Final = PROJECT / ".state"
CHARTS: Final = STATE / "charts"
# Output of other commands in the state folder, recreated on demand.
GENERATED_FOLDERS: Final = (STATE / "days", STATE / "pictures")
# The only stack on the embedded control plane; every other stack goes to the cluster that its settings name.
EMBEDDED_STACK: Final = "local"


def embedded_deployment() -> Deployment:
    """Return the deployment of stack `local` on the control plane of this checkout."""
    control_plane = ControlPlane(STATE / EMBEDDED_STACK, f"bais-{EMBEDDED_STACK}")
    return Deployment(project=PROJECT, stack=EMBEDDED_STACK, control_plane=control_plane)


def demo_platform(deployment: Deployment) -> Demo:
    """Return the demo platform of the embedded environment, enabled or not."""
    return Demo(deployment.control_plane, PROJECT / f"Pulumi.{EMBEDDED_STACK}.yaml")


@contextmanager
def exclusive_lock() -> Iterator[None]:
    """Hold the lock that allows one command at a time to change the environment.

    Raises:
        DeploymentError: another command holds the lock.
    """
    STATE.mkdir(exist_ok=True)
    try:
        with FileLock(STATE / "commands.lock", timeout=0.1):
            yield
    except Timeout:
        raise DeploymentError(
            "another command is already running in this checkout; wait for it to finish, or stop it"
        ) from None


def status_rows(deployment: Deployment) -> list[StatusRow]:
    """Return the status of processes, demo platform and components.

    Without a ready API server there are no component rows.
    """
    rows = process_rows(deployment.control_plane)
    platform = demo_platform(deployment)
    if platform.is_enabled:
        rows += platform.status_rows()
    if deployment.control_plane.is_ready():
        names = stand_ins(str(CHARTS), PROJECT) if CHARTS.exists() else []
        return rows + component_rows(deployment.control_plane, names)
    return [*rows, StatusRow("api server", "components", "unknown: API server not reachable", healthy=False)]
