"""Tested versions are deployed versions, except those in one list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import yaml

from common.project import PROJECT
from local.nodes.images import table
from local.tools import toolset
from manifests.charts import CHART_IMAGES, GRAFANA, IMAGES, OPERATOR_VERSION, THANOS_IMAGE
from tools.supply_chain.python_lock import LOCK, locked_packages

TOOLS: Final = {tool.name: tool.version for tool in toolset.table()}
LISTED: Final = yaml.safe_load((toolset.FOLDER / "version_differences.yaml").read_text())
# Python package by tool: the engine and its plug-ins have the versions of their SDKs.
SDKS: Final = {
    "pulumi": "pulumi",
    "pulumi-language-python": "pulumi",
    "pulumi-resource-kubernetes": "pulumi-kubernetes",
    "pulumi-resource-random": "pulumi-random",
}


def release(name: str, version: str) -> str:
    """Return the release of a module version: Prometheus 3.12.0 is v0.312.0 of its module."""
    if name == "prometheus" and version.startswith("0.3"):
        _, minor, patch = version.split(".")
        return f"{minor[0]}.{int(minor[1:])}.{patch}"
    return version


def versions() -> Iterator[tuple[str, str, str]]:
    """Yield name, tested version and deployed version of everything that is tested and deployed."""
    for image in table():
        name = image.repository.rpartition("/")[2]
        tested = release(name, TOOLS.get(image.tool, "Debian")) if image.tool else "none"
        yield name, tested, image.image.rpartition(":")[2].removeprefix("v")
    yield "thanos", TOOLS.get("thanos", "none"), THANOS_IMAGE.version.removeprefix("v")
    yield "prometheus-operator-crds", TOOLS["prometheus-operator"], OPERATOR_VERSION
    locked = locked_packages(LOCK.read_text())
    for tool, package in SDKS.items():
        yield tool, TOOLS[tool], locked[package].version
    (grafana,) = (each.image for each in CHART_IMAGES if each.chart == GRAFANA.name and each.value == "image.sha")
    packages = json.loads((PROJECT / "tools" / "pictures" / "package.json").read_text())["dependencies"]
    for name in (name for name in packages if name.startswith("@grafana/")):
        yield name, packages[name], grafana.version


def test_every_difference_is_listed_and_every_listed_difference_exists() -> None:
    differences = {name: (tested, deployed) for name, tested, deployed in versions() if tested != deployed}
    assert {row["name"]: (row["tested"], row["deployed"]) for row in LISTED} == differences


def test_every_listed_difference_has_a_reason() -> None:
    assert [row["name"] for row in LISTED if not str(row["reason"]).endswith(".")] == []


def test_the_embedded_node_has_every_image_of_the_program_in_its_version() -> None:
    assert {str(image) for image in IMAGES} - {image.image for image in table()} == {str(THANOS_IMAGE)}


def test_the_version_of_prometheus_is_read_from_its_module_version() -> None:
    assert (release("prometheus", "0.312.1"), release("alertmanager", "0.34.2")) == ("3.12.1", "0.34.2")
