"""The default rules of kube-prometheus-stack, from a folder of upstream charts."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

import yaml

from local.tools.toolset import binary, table
from tools.bench.filled import BenchError

CHART: Final = "kube-prometheus-stack"


def default_rules(charts: Path) -> dict[str, dict[str, Any]]:
    """Every rule file that the chart makes with its own settings, by name.

    Raises:
        BenchError: there is no such chart, or it cannot be rendered, or it has no rules.
    """
    if not (charts / CHART / "Chart.yaml").is_file():
        raise BenchError(f"{charts}: there is no chart {CHART} in it")
    # Without a cluster to ask, helm takes one that is older than the chart wants.
    version = next(tool.version for tool in table() if tool.name == "kube-apiserver")
    command = [str(binary("helm")), "template", "stack", str(charts / CHART), f"--kube-version={version}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if answer.returncode:
        raise BenchError(f"{CHART}: {answer.stderr.strip()}")
    found = {
        document["metadata"]["name"]: document["spec"]
        for document in yaml.load_all(answer.stdout, Loader=yaml.CSafeLoader)
        if document and document["kind"] == "PrometheusRule"
    }
    if not found:
        raise BenchError(f"{CHART}: it makes no rules; is it the upstream chart?")
    return found
