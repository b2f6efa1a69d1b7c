"""Command line of the measurement with many pods: `python -m tools.pod_scale [--pods N] [--json]`."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from local.control_plane.lifecycle import KubectlError
from local.processes import ProcessError
from local.tools.build import BuildError, ensure_tools
from tools.checkout import Checkout
from tools.pod_scale.measurement import FAR, NEAR, Measurement, PodScaleError, measure
from tools.pod_scale.pods import PodCreationError


@click.command()
@click.option("--pods", default=10_000, show_default=True, type=click.IntRange(1, 50_000), help="Number of pods.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(pods: int, as_json: bool) -> None:
    """Measure the scrape of the real kube-state-metrics in a cluster with many simulated pods."""
    progress = Console(stderr=True)
    try:
        for purpose in ("environment", "exporters"):
            ensure_tools(progress, purpose)
        with tempfile.TemporaryDirectory() as folder:
            measured = _measure(Path(folder), pods, progress)
    except (BuildError, KubectlError, PodCreationError, PodScaleError, ProcessError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(asdict(measured), indent=2))
    else:
        Console(highlight=False).print(_table(measured))
    sys.exit(0 if _is_good(measured) else 1)


def _measure(folder: Path, pods: int, progress: Console) -> Measurement:
    checkout = Checkout(folder / "checkout")
    try:
        progress.print("deploying the stack on simulated nodes")
        deployed = checkout.run("up")
        if deployed.returncode:
            raise PodScaleError(deployed.stdout)
        progress.print(f"creating {pods} pods, then scraping kube-state-metrics")
        return measure(checkout, folder / "measurement", pods)
    finally:
        checkout.control_plane.stop()


def _is_good(measured: Measurement) -> bool:
    return measured.up and measured.alert_near and not measured.alert_far and not measured.up_above


def _table(measured: Measurement) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("running pods (simulated)", str(measured.pods))
    table.add_row("scrape with the limits of the stack", "succeeds" if measured.up else "FAILS")
    table.add_row("samples", f"{measured.samples}, {measured.samples / measured.pods:.1f} per pod")
    table.add_row("body", f"{measured.body_bytes / 1e6:.1f} MB")
    table.add_row("duration", f"{measured.scrape_seconds:.2f} s")
    table.add_row("memory of kube-state-metrics", f"{measured.memory_bytes / 1e6:.0f} MB")
    for limit, usage in measured.usage.items():
        table.add_row(f"use of the limit of {limit}", f"{usage:.1%}")
    table.add_row(f"alert at {FAR:.0%} of a limit", "FIRES" if measured.alert_far else "silent")
    table.add_row(f"alert at {NEAR:.0%} of a limit", "fires" if measured.alert_near else "SILENT")
    table.add_row("scrape above the limit", "SUCCEEDS" if measured.up_above else "fails")
    return table


if __name__ == "__main__":
    main(prog_name="python -m tools.pod_scale")
