"""Generated configuration of the operator, converted for promtool and amtool."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import yaml

from local.control_plane.lifecycle import ControlPlane
from local.tools.toolset import binary

DISCOVERY_TIME: Final = "6s"
POD_NAME: Final = "prometheus-0"


def promtool(*arguments: str) -> str:
    """Run promtool and return its output.

    Raises:
        AssertionError: promtool failed; the message has its output.
    """
    return _run("promtool", *arguments)


def amtool(*arguments: str) -> str:
    """Run amtool and return its output.

    Raises:
        AssertionError: amtool failed; the message has its output.
    """
    return _run("amtool", *arguments)


def _run(name: str, *arguments: str) -> str:
    result = subprocess.run([str(binary(name)), *arguments], capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, f"{name} {' '.join(arguments)}\n{result.stdout}{result.stderr}"
    return result.stdout + result.stderr


def _items(control_plane: ControlPlane, kind: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(control_plane.kubectl("get", kind, "--all-namespaces", "--output=json"))[
        "items"
    ]
    return items


def _read_secret(control_plane: ControlPlane, secret: str, key: str) -> str:
    found = [item for item in _items(control_plane, "secrets") if item["metadata"]["name"] == secret]
    assert len(found) == 1
    return gzip.decompress(base64.b64decode(found[0]["data"][key])).decode()


def _only_name(control_plane: ControlPlane, kind: str) -> str:
    items = _items(control_plane, kind)
    assert len(items) == 1
    return str(items[0]["metadata"]["name"])


def prometheus_files(control_plane: ControlPlane, folder: Path, shard: int = 0) -> tuple[Path, list[Path]]:
    """Write configuration and rule files of Prometheus and return their paths.

    Service discovery uses the kubeconfig of the control plane; references to pod files (tokens) are removed.
    """
    name = _only_name(control_plane, "prometheuses.monitoring.coreos.com")
    text = _read_secret(control_plane, f"prometheus-{name}", "prometheus.yaml.gz")
    # As the config reloader does in a pod.
    text = text.replace("$(POD_NAME)", POD_NAME).replace("$(SHARD)", str(shard))
    configuration = yaml.load(text, yaml.CSafeLoader)
    rules = []
    for item in _items(control_plane, "configmaps"):
        if item["metadata"]["name"].startswith(f"prometheus-{name}-rulefiles-"):
            for file, content in item["data"].items():
                rules.append(folder / file)
                rules[-1].write_text(content)
    configuration["rule_files"] = [str(path) for path in rules]
    managers = configuration.get("alerting", {}).get("alertmanagers", [])
    for job in [*configuration["scrape_configs"], *managers]:
        for discovery in job.get("kubernetes_sd_configs", []):
            discovery["kubeconfig_file"] = str(control_plane.kubeconfig)
        job.pop("authorization", None)
        job.pop("bearer_token_file", None)
    path = folder / "prometheus.yaml"
    path.write_text(yaml.dump(configuration, Dumper=yaml.CSafeDumper))
    return path, rules


def discover_targets(control_plane: ControlPlane, folder: Path, shard: int = 0) -> dict[str, list[dict[str, str]]]:
    """Return the final labels of the discovered targets by scrape job.

    Nothing is scraped.
    """
    path, _ = prometheus_files(control_plane, folder, shard)
    jobs = [job["job_name"] for job in yaml.load(path.read_text(), yaml.CSafeLoader)["scrape_configs"]]

    def targets(job: str) -> list[dict[str, str]]:
        printed = promtool("check", "service-discovery", f"--timeout={DISCOVERY_TIME}", str(path), job)
        listed = json.loads(printed[printed.index("[") : printed.rindex("]") + 1])
        return [target["labels"] for target in listed if target.get("labels")]

    # Each check takes the full DISCOVERY_TIME without load, so four run at once.
    with ThreadPoolExecutor(4) as threads:
        return dict(zip(jobs, threads.map(targets, jobs), strict=True))


def alertmanager_configuration(control_plane: ControlPlane, folder: Path) -> Path:
    """Write the configuration of Alertmanager to a folder and return its path."""
    name = _only_name(control_plane, "alertmanagers.monitoring.coreos.com")
    path = folder / "alertmanager.yaml"
    path.write_text(_read_secret(control_plane, f"alertmanager-{name}-generated", "alertmanager.yaml.gz"))
    return path
