"""The table of images, and the record of their sources per environment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from local.nodes.image_sources import PULLED, UNAVAILABLE, ImageSources
from local.nodes.images import Image, table
from local.nodes.kinds import KINDS
from local.nodes.layout import NodeLayout
from local.tools.toolset import table as tools

GRAFANA, SIDECAR = (image for image in table() if image.tool is None)
AUTHORITY: Final = b"certificate"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that every image is built from, so that the tests need no tools."""
    (tmp_path / "program").write_text("one")
    monkeypatch.setattr(Image, "program", tmp_path / "program")
    return tmp_path / "program"


@pytest.fixture
def sources(tmp_path: Path) -> ImageSources:
    (tmp_path / "node").mkdir()
    return ImageSources.load(NodeLayout(tmp_path))


def image(tool: str) -> Image:
    return next(image for image in table() if image.tool == tool)


def test_an_image_is_satisfied_if_its_source_is_recorded_and_it_is_on_the_node(
    sources: ImageSources, program: Path
) -> None:
    exporter_image = image("node-exporter")
    present = [exporter_image.name]
    assert not sources.is_satisfied(exporter_image, present, AUTHORITY)
    sources.record(exporter_image, exporter_image.key(AUTHORITY))
    assert sources.is_satisfied(exporter_image, present, AUTHORITY)
    assert not sources.is_satisfied(exporter_image, [], AUTHORITY)


def test_an_image_is_rebuilt_for_another_program_or_another_ca(sources: ImageSources, program: Path) -> None:
    exporter_image = image("node-exporter")
    sources.record(exporter_image, exporter_image.key(AUTHORITY))
    assert not sources.is_satisfied(exporter_image, [exporter_image.name], b"another")
    program.write_text("another one")
    assert not sources.is_satisfied(exporter_image, [exporter_image.name], AUTHORITY)


def test_a_pulled_image_does_not_depend_on_local_tools(sources: ImageSources, program: Path) -> None:
    exporter_image = image("node-exporter")
    sources.record(exporter_image, PULLED)
    assert sources.is_satisfied(exporter_image, [exporter_image.name], AUTHORITY)
    assert not sources.is_satisfied(exporter_image, [], AUTHORITY)


def test_an_unavailable_image_is_not_requested_again(sources: ImageSources) -> None:
    assert not sources.is_satisfied(GRAFANA, [], AUTHORITY)
    sources.record(GRAFANA, UNAVAILABLE)
    assert sources.is_satisfied(GRAFANA, [], AUTHORITY)


def test_the_record_persists(tmp_path: Path, sources: ImageSources) -> None:
    sources.record(GRAFANA, PULLED)
    assert ImageSources.load(NodeLayout(tmp_path)) == sources


def test_the_description_names_simulated_pods_and_the_reason(sources: ImageSources) -> None:
    sources.record(GRAFANA, f"{UNAVAILABLE}: docker.io is reachable, but pull failed")
    assert sources.description() == (
        "node and pods: real, from images built here; "
        "simulated, no image: grafana (docker.io is reachable, but pull failed), k8s-sidecar"
    )


def test_with_all_images_no_pod_is_simulated(tmp_path: Path, sources: ImageSources) -> None:
    node = KINDS["real"]
    assert f"c.image.startsWith('{GRAFANA.repository}:')" in node.manifests(tmp_path)
    for each in (GRAFANA, SIDECAR):
        sources.record(each, PULLED)
    assert node.description(tmp_path) == "node and pods: real, from images built here and 2 pulled"
    assert 'expression: "object.spec.containers.exists(c, false)"' in node.manifests(tmp_path)


def test_images_that_must_trust_the_demo_ca_are_always_built() -> None:
    assert {each.tool for each in table() if each.trusts} == {"alertmanager", "blackbox-exporter"}


def test_every_built_image_is_built_from_a_tool() -> None:
    assert {each.tool for each in table() if each.tool} - {tool.name for tool in tools()} == {"busybox"}
