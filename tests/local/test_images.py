"""Every image of the stack stands in one list, and every environment knows where its own are from."""

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
    """What every image is made of, since nothing has to be built for this."""
    (tmp_path / "program").write_text("one")
    monkeypatch.setattr(Image, "program", tmp_path / "program")
    return tmp_path / "program"


@pytest.fixture
def sources(tmp_path: Path) -> ImageSources:
    (tmp_path / "node").mkdir()
    return ImageSources.of(NodeLayout(tmp_path))


def image(tool: str) -> Image:
    return next(image for image in table() if image.tool == tool)


def test_an_image_is_had_once_it_is_known_where_from_and_the_node_has_it(sources: ImageSources, program: Path) -> None:
    wanted = image("node-exporter")
    present = [wanted.name]
    assert not sources.is_satisfied(wanted, present, AUTHORITY)
    sources.record(wanted, wanted.key(AUTHORITY))
    assert sources.is_satisfied(wanted, present, AUTHORITY)
    assert not sources.is_satisfied(wanted, [], AUTHORITY)


def test_an_image_is_made_anew_of_another_program_and_for_another_authority(
    sources: ImageSources, program: Path
) -> None:
    wanted = image("node-exporter")
    sources.record(wanted, wanted.key(AUTHORITY))
    assert not sources.is_satisfied(wanted, [wanted.name], b"another")
    program.write_text("another one")
    assert not sources.is_satisfied(wanted, [wanted.name], AUTHORITY)


def test_a_pulled_image_stays_whatever_is_built_here(sources: ImageSources, program: Path) -> None:
    wanted = image("node-exporter")
    sources.record(wanted, PULLED)
    assert sources.is_satisfied(wanted, [wanted.name], AUTHORITY)
    assert not sources.is_satisfied(wanted, [], AUTHORITY)


def test_an_image_that_could_not_be_had_is_not_asked_for_again(sources: ImageSources) -> None:
    assert not sources.is_satisfied(GRAFANA, [], AUTHORITY)
    sources.record(GRAFANA, UNAVAILABLE)
    assert sources.is_satisfied(GRAFANA, [], AUTHORITY)


def test_what_is_known_is_known_to_the_next_command(tmp_path: Path, sources: ImageSources) -> None:
    sources.record(GRAFANA, PULLED)
    assert ImageSources.of(NodeLayout(tmp_path)) == sources


def test_an_environment_says_which_pods_are_simulated_and_why(sources: ImageSources) -> None:
    sources.record(GRAFANA, f"{UNAVAILABLE}: docker.io answers, but it is a teapot")
    assert sources.description() == (
        "node and pods: real, from images made here; "
        "simulated, having none: grafana (docker.io answers, but it is a teapot), k8s-sidecar"
    )


def test_with_all_images_nothing_is_simulated(tmp_path: Path, sources: ImageSources) -> None:
    node = KINDS["real"]
    assert f"c.image.startsWith('{GRAFANA.repository}:')" in node.manifests(tmp_path)
    for each in (GRAFANA, SIDECAR):
        sources.record(each, PULLED)
    assert node.description(tmp_path) == "node and pods: real, from images made here and 2 pulled"
    assert 'expression: "object.spec.containers.exists(c, false)"' in node.manifests(tmp_path)


def test_the_images_of_what_watches_the_demo_platform_are_always_made() -> None:
    assert {each.tool for each in table() if each.trusts} == {"alertmanager", "blackbox-exporter"}


def test_every_image_that_is_made_is_made_of_a_tool() -> None:
    assert {each.tool for each in table() if each.tool} - {tool.name for tool in tools()} == {"busybox"}
