"""The bill of materials of the project."""

from __future__ import annotations

import json
from typing import Final

import pytest
from cyclonedx.model.bom import Bom

from local.tools import toolset
from manifests.artifacts import ArtifactLock
from manifests.charts import PROMETHEUS_IMAGE, RELEASED
from tools.supply_chain.artifacts import locked_images
from tools.supply_chain.bill_of_materials import bill_of_materials
from tools.supply_chain.python_lock import LOCK, locked_packages

DIGEST: Final = f"sha256:{'a' * 64}"


def urls(text: str) -> set[str]:
    return {component["purl"] for component in json.loads(text)["components"]}


def test_it_has_every_package_chart_image_and_tool() -> None:
    text = bill_of_materials()
    found = urls(text)
    assert Bom.from_json(json.loads(text)) is not None  # type: ignore[attr-defined]  # added by its decorator
    assert {f"pkg:pypi/{each.name}@{each.version}" for each in locked_packages(LOCK.read_text()).values()} <= found
    assert {f"pkg:helm/{chart.name}@{chart.version}" for chart in RELEASED} <= {url.partition("?")[0] for url in found}
    assert len([url for url in found if url.startswith("pkg:oci/")]) == len(locked_images())
    assert len([url for url in found if url.startswith("pkg:golang/")]) == len(
        {tool.module for tool in toolset.table()}
    )
    assert any(url.startswith("pkg:npm/%40grafana/ui@") for url in found)


def test_an_image_has_its_digest_if_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = ArtifactLock(images={(PROMETHEUS_IMAGE.repository, PROMETHEUS_IMAGE.version): DIGEST})
    monkeypatch.setattr("tools.supply_chain.bill_of_materials.recorded", lambda: lock)
    (prometheus,) = (
        component
        for component in json.loads(bill_of_materials())["components"]
        if component["purl"].startswith("pkg:oci/prometheus@")
    )
    assert prometheus["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    assert prometheus["version"] == PROMETHEUS_IMAGE.version
