"""Every image of the stack stands in one list, and every environment knows where its own are from."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.nodes.image_sources import NONE, PULLED, Origins
from local.nodes.images import Image, table
from local.nodes.kinds import KINDS
from local.nodes.layout import Place
from local.tools.toolset import table as tools

GRAFANA, SIDECAR = (image for image in table() if image.tool is None)
AUTHORITY = b"certificate"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What every image is made of, since nothing has to be built for this."""
    (tmp_path / "program").write_text("one")
    monkeypatch.setattr(Image, "program", tmp_path / "program")
    return tmp_path / "program"


@pytest.fixture
def origins(tmp_path: Path) -> Origins:
    (tmp_path / "node").mkdir()
    return Origins.of(Place(tmp_path))


def image(tool: str) -> Image:
    return next(image for image in table() if image.tool == tool)


def test_an_image_is_had_once_it_is_known_where_from_and_the_node_has_it(origins: Origins, program: Path) -> None:
    wanted = image("node-exporter")
    present = [wanted.name]
    assert not origins.holds(wanted, present, AUTHORITY)
    origins.settle(wanted, wanted.key(AUTHORITY))
    assert origins.holds(wanted, present, AUTHORITY)
    assert not origins.holds(wanted, [], AUTHORITY)


def test_an_image_is_made_anew_of_another_program_and_for_another_authority(origins: Origins, program: Path) -> None:
    wanted = image("node-exporter")
    origins.settle(wanted, wanted.key(AUTHORITY))
    assert not origins.holds(wanted, [wanted.name], b"another")
    program.write_text("another one")
    assert not origins.holds(wanted, [wanted.name], AUTHORITY)


def test_a_pulled_image_stays_whatever_is_built_here(origins: Origins, program: Path) -> None:
    wanted = image("node-exporter")
    origins.settle(wanted, PULLED)
    assert origins.holds(wanted, [wanted.name], AUTHORITY)
    assert not origins.holds(wanted, [], AUTHORITY)


def test_an_image_that_could_not_be_had_is_not_asked_for_again(origins: Origins) -> None:
    assert not origins.holds(GRAFANA, [], AUTHORITY)
    origins.settle(GRAFANA, NONE)
    assert origins.holds(GRAFANA, [], AUTHORITY)


def test_what_is_known_is_known_to_the_next_command(tmp_path: Path, origins: Origins) -> None:
    origins.settle(GRAFANA, PULLED)
    assert Origins.of(Place(tmp_path)) == origins


def test_an_environment_says_which_pods_are_simulated_and_why(origins: Origins) -> None:
    origins.settle(GRAFANA, f"{NONE}: docker.io answers, but it is a teapot")
    assert origins.description() == (
        "node and pods: real, from images made here; "
        "simulated, having none: grafana (docker.io answers, but it is a teapot), k8s-sidecar"
    )


def test_with_all_images_nothing_is_simulated(tmp_path: Path, origins: Origins) -> None:
    node = KINDS["real"]
    assert f"c.image.startsWith('{GRAFANA.repository}:')" in node.manifests(tmp_path)
    for each in (GRAFANA, SIDECAR):
        origins.settle(each, PULLED)
    assert node.description(tmp_path) == "node and pods: real, from images made here and 2 pulled"
    assert 'expression: "object.spec.containers.exists(c, false)"' in node.manifests(tmp_path)


def test_the_images_of_what_watches_the_demo_platform_are_always_made() -> None:
    assert {each.tool for each in table() if each.trusts} == {"alertmanager", "blackbox-exporter"}


def test_every_image_that_is_made_is_made_of_a_tool() -> None:
    assert {each.tool for each in table() if each.tool} - {tool.name for tool in tools()} == {"busybox"}
