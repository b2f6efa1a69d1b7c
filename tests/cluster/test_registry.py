"""Images of a real node: pulled from a reachable registry, or built."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
import yaml

from local.nodes.image_sources import PULLED, ImageSources
from local.nodes.images import Image, table, write_archive
from local.nodes.import_images import ImageError, import_images, present_images
from local.nodes.layout import NodeLayout
from local.nodes.programs import ctr
from local.nodes.registries import reachable_registries
from local.processes import free_ports
from local.tools.debian import UnavailableError, program
from manifests import artifacts, charts
from manifests.artifacts import ArtifactLock
from tools.checkout import Checkout
from tools.delivery.alertmanager import wait_until
from tools.supply_chain.registry import registry_digest

IMAGES: Final = {image.repository.rpartition("/")[2]: image for image in table()}
# Images that the fake quay.io has.
IN_REGISTRY: Final = ("node-exporter", "k8s-sidecar")
# Images that the node lacks: two in the registry, one not in it, and two of unreachable registries.
MISSING: Final = (*IN_REGISTRY, "prometheus-config-reloader", "kube-state-metrics", "grafana")


@dataclass(frozen=True)
class Registry:
    """A real registry on loopback.

    Attributes:
        address: Its address.
        hosts: Folder of mirror files: quay.io is this registry, all others are unreachable.
    """

    address: str
    hosts: Path


@pytest.fixture(scope="module")
def layout(checkout: Checkout) -> NodeLayout:
    """A running node."""
    started = checkout.run("cluster", "--node", "real")
    assert started.returncode == 0, started.stdout
    return NodeLayout(checkout.control_plane.state)


@pytest.fixture
def registry(layout: NodeLayout, tmp_path: Path) -> Iterator[Registry]:
    try:
        server = program("docker-registry", "docker-registry")
    except UnavailableError as error:
        pytest.skip(f"registry not available on this machine: {error}")
    ports = free_ports(2)
    address, unreachable = (f"127.0.0.1:{port}" for port in ports)
    settings = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "registry")}},
        "http": {"addr": address},
    }
    (tmp_path / "registry.yaml").write_text(yaml.safe_dump(settings))
    for name, host in (("quay.io", address), ("_default", unreachable)):
        (tmp_path / "hosts" / name).mkdir(parents=True)
        (tmp_path / "hosts" / name / "hosts.toml").write_text(f'server = "http://{host}"\n[host."http://{host}"]\n')
    with subprocess.Popen(
        [str(server), "serve", str(tmp_path / "registry.yaml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: "quay.io" in reachable_registries(["quay.io"], tmp_path / "hosts"), 20)
            for name in IN_REGISTRY:
                push(layout, IMAGES[name], address, tmp_path)
            yield Registry(address, tmp_path / "hosts")
        finally:
            process.kill()


def push(layout: NodeLayout, image: Image, address: str, folder: Path) -> None:
    """Push an image with the content of the small busybox image to the registry."""
    content = replace(IMAGES["busybox"], image=f"{address}/{image.name.partition('/')[2]}")
    write_archive(content, folder / "image.tar", b"")
    for words in (
        ("import", str(folder / "image.tar")),
        ("push", "--plain-http", content.name),
        ("remove", "--sync", content.name),
    ):
        result = ctr(layout, "images", *words)
        assert result.returncode == 0, result.stderr


def test_images_are_pulled_from_reachable_registries_and_built_otherwise(
    layout: NodeLayout, registry: Registry
) -> None:
    ImageSources.load(layout).path.unlink()
    for name in MISSING:
        ctr(layout, "images", "remove", "--sync", IMAGES[name].name)
    reported: list[str] = []

    import_images(layout, reported.append, registry.hosts)

    sources = ImageSources.load(layout)
    authority = (layout.state / "certificates" / "authority.crt").read_bytes()
    assert {name: sources.source_of(IMAGES[name]) for name in MISSING} == {
        "node-exporter": PULLED,
        "k8s-sidecar": PULLED,
        "prometheus-config-reloader": IMAGES["prometheus-config-reloader"].key(authority),
        "kube-state-metrics": IMAGES["kube-state-metrics"].key(authority),
        "grafana": "none",
    }
    assert (
        sources.description()
        == "node and pods: real, from images built here and 2 pulled; simulated, no image: grafana"
    )
    assert {IMAGES[name].name for name in MISSING if name != "grafana"} <= set(present_images(layout))
    not_pulled = {name for name, image in IMAGES.items() if any(f"{image.image}: " in line for line in reported)}
    assert not_pulled == {
        name
        for name, image in IMAGES.items()
        if image.registry == "quay.io" and name not in IN_REGISTRY and not image.trusts
    }


def test_images_with_a_recorded_source_are_not_requested_again(layout: NodeLayout, registry: Registry) -> None:
    import_images(layout, lambda _: None, registry.hosts)
    reported: list[str] = []
    import_images(layout, reported.append, registry.hosts)
    assert reported == []


def test_a_pulled_image_must_have_its_recorded_digest(
    layout: NodeLayout, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = IMAGES["node-exporter"]
    path = (image.repository, image.image.rpartition(":")[2])
    published = registry_digest(charts.Image(repository=path[0], version=path[1]), registry.hosts)

    def pull_again(digest: str) -> None:
        ctr(layout, "images", "remove", "--sync", image.name)
        ImageSources.load(layout).record(image, PULLED)
        monkeypatch.setattr(artifacts, "recorded", lambda: ArtifactLock(images={path: digest}))
        import_images(layout, lambda _: None, registry.hosts)

    with pytest.raises(ImageError, match=rf"found {published}; required: sha256:0+, recorded in manifests/"):
        pull_again(f"sha256:{'0' * 64}")
    assert image.name not in present_images(layout)
    pull_again(published)
    assert image.name in present_images(layout)
