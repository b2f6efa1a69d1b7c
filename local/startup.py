"""Startup steps that several commands share."""

from __future__ import annotations

from local.console import console
from local.demo.platform import Demo
from local.deploy.deployment import Deployment, DeploymentError
from local.nodes.node_kind import choose_node_kind
from local.nodes.packages import PACKAGES, find_programs
from local.nodes.requirements import unmet_requirement
from local.tools.build import ensure_tools
from local.tools.toolset import cache_folder


def set_up_node_kind(deployment: Deployment, requested: str | None) -> None:
    """Choose and record the kind of node, and print it with the reason."""
    control_plane = deployment.control_plane
    current = control_plane.nodes.kind if control_plane.has_node_kind else None
    kind, reason = choose_node_kind(requested, current, lambda: unmet_requirement(control_plane.state))
    control_plane.set_node_kind(kind)
    console.print(f"node: {kind} ({reason})")


def set_up_demo(platform: Demo, requested: str | None) -> None:
    """Enable or remove the demo platform.

    Without a request, only the settings of an enabled platform are refreshed.

    Raises:
        DeploymentError: the demo platform is requested on simulated nodes.
    """
    if requested == "no":
        platform.remove()
    elif requested == "yes" or platform.is_enabled:
        if platform.control_plane.nodes.kind != "real":
            raise DeploymentError("the demo platform requires a real node, but this environment has simulated nodes")
        platform.enable()


def ensure_required_tools(deployment: Deployment) -> None:
    """Build or find the tools that this environment requires."""
    ensure_tools(console)
    if deployment.control_plane.nodes.kind == "real":
        ensure_node_tools()


def ensure_node_tools() -> None:
    """Build or find the tools and Debian packages of a real node."""
    for purpose in ("exporters", "node"):
        ensure_tools(console, purpose)
    programs = find_programs()
    names = sorted({PACKAGES[name] for name, path in programs.items() if path.is_relative_to(cache_folder())})
    if names:
        console.print(f"Debian packages unpacked into the tool cache, not installed: {', '.join(names)}")


def start_control_plane(deployment: Deployment) -> None:
    """Start the processes of the control plane that are not running."""
    with console.status("starting the control plane") as spinner:
        started = deployment.control_plane.start(lambda name: spinner.update(f"starting {name}"))
    running = len(deployment.control_plane.nodes.processes) - len(started)
    if started:
        already = f"; {running} already running" if running else ""
        console.print(f"control plane: started {', '.join(started)}{already}")
    else:
        console.print("control plane: running")


def start_demo(platform: Demo) -> None:
    """Start the processes of the demo platform that are not running."""
    with console.status("starting the demo platform") as spinner:
        started = platform.start(lambda name: spinner.update(f"starting {name}"))
    console.print(f"demo platform: started {', '.join(started)}" if started else "demo platform: running")
