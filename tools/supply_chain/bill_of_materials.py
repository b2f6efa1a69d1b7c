"""Bill of materials in the CycloneDX format: packages, charts, images and Go tools with their exact versions."""

import json
from collections.abc import Iterator
from typing import Final

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from common.project import PROJECT
from local.tools import toolset
from manifests.artifacts import ArtifactLock, recorded
from manifests.charts import RELEASED, Image
from tools.supply_chain.artifacts import locked_images
from tools.supply_chain.python_lock import LOCK, locked_packages

_NPM_LOCK: Final = PROJECT / "tools" / "pictures" / "package-lock.json"
_MODULES: Final = "node_modules/"


def bill_of_materials() -> str:
    """Return the bill of materials of the project as JSON."""
    lock = recorded()
    components = [*_python_packages(), *_npm_packages(), *_go_tools(), *_charts(lock), *_images(lock)]
    return JsonV1Dot6(Bom(components=components)).output_as_string(indent=2)


def _python_packages() -> Iterator[Component]:
    for package in locked_packages(LOCK.read_text()).values():
        yield _component(PackageURL("pypi", name=package.name, version=package.version), ComponentType.LIBRARY)


def _npm_packages() -> Iterator[Component]:
    packages = json.loads(_NPM_LOCK.read_text())["packages"]
    names = {(path.rpartition(_MODULES)[2], package["version"]) for path, package in packages.items() if path}
    for name, version in names:
        scope, _, last = name.rpartition("/")
        yield _component(PackageURL("npm", scope or None, last, version), ComponentType.LIBRARY)


def _go_tools() -> Iterator[Component]:
    """Yield the modules of the tools; `go version -m` lists the modules that a built tool contains."""
    for module, family in {(tool.module, tool.family) for tool in toolset.table()}:
        path, _, name = module.rpartition("/")
        version = f"v{toolset.module_version(family, module)}"
        yield _component(PackageURL("golang", path, name, version), ComponentType.APPLICATION)


def _charts(lock: ArtifactLock) -> Iterator[Component]:
    for chart in RELEASED:
        url = PackageURL("helm", None, chart.name, chart.version, {"repository_url": chart.repository})
        digests = lock.charts.get((chart.name, chart.version))
        yield _component(url, ComponentType.APPLICATION, digests.archive if digests else None)


def _images(lock: ArtifactLock) -> Iterator[Component]:
    for image in locked_images():
        digest = lock.images.get((image.repository, image.version))
        yield _component(_image_url(image, digest), ComponentType.CONTAINER, digest, image.version)


def _image_url(image: Image, digest: str | None) -> PackageURL:
    qualifiers = {"repository_url": image.repository, "tag": image.version}
    return PackageURL("oci", None, image.repository.rpartition("/")[2], digest, qualifiers)


def _component(
    url: PackageURL, kind: ComponentType, digest: str | None = None, version: str | None = None
) -> Component:
    return Component(
        type=kind,
        group=url.namespace,
        name=url.name,
        version=version or url.version,
        purl=url,
        bom_ref=url.to_string(),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest.removeprefix("sha256:"))] if digest else [],
    )
