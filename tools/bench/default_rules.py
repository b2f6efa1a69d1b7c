"""Default rules of kube-prometheus-stack, rendered from its chart."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from local.tools.toolset import binary, table
from tools.bench.filled import BenchError

CHART: Final = "kube-prometheus-stack"


def default_rules(charts: Path) -> dict[str, dict[str, Any]]:
    """Return the rule files that the chart renders with its default values, by name.

    Raises:
        BenchError: if the chart does not exist, cannot be rendered or has no rules.
    """
    if not (charts / CHART / "Chart.yaml").is_file():
        raise BenchError(f"{charts}: the folder does not contain the chart {CHART}")
    # Without a cluster, helm assumes a Kubernetes version that is too old for the chart.
    version = next(tool.version for tool in table() if tool.name == "kube-apiserver")
    command = [str(binary("helm")), "template", "stack", str(charts / CHART), f"--kube-version={version}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if result.returncode:
        raise BenchError(f"{CHART}: {result.stderr.strip()}")
    found = {
        document["metadata"]["name"]: document["spec"]
        for document in yaml.load_all(result.stdout, Loader=yaml.CSafeLoader)
        if document and document["kind"] == "PrometheusRule"
    }
    if not found:
        raise BenchError(f"{CHART}: the chart renders no rules; check that it is the upstream chart")
    return found
