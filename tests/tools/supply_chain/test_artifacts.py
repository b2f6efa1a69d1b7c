"""The lock file of charts and images, filled from a chart repository and a fake registry on loopback."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest

from common.problems import CatalogueError
from local.processes import free_ports
from manifests.artifacts import LOCK, ChartDigests, read_lock, recorded
from manifests.charts import GRAFANA, OPERATOR, RELEASED, Image
from tests.chart_repository import Repository
from tools.supply_chain.artifacts import locked_images, rendered, renew

IMAGE: Final = Image(repository="registry.example/team/program", version="v1.0.0")
IMAGE_PATH: Final = (IMAGE.repository, IMAGE.version)
CHART_PATH: Final = (GRAFANA.name, GRAFANA.version)


@dataclass
class Registry:
    """A fake registry with one image, and a login if it has a token."""

    manifest: bytes = b'{"schemaVersion": 2}'
    token: str | None = None
    address: str = ""
    requests: list[str] = field(default_factory=list)

    def answer(self, path: str, authorization: str | None) -> tuple[int, bytes]:
        self.requests.append(path)
        if path == "/token?service=fake&scope=pull" and self.token:
            return 200, f'{{"token": "{self.token}"}}'.encode()
        if self.token and authorization != f"Bearer {self.token}":
            return 401, b""
        return (200, self.manifest) if path == "/v2/team/program/manifests/v1.0.0" else (404, b"")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    fake = Registry()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = fake.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            if status == 401:
                challenge = f'Bearer realm="{fake.address}/token",service="fake",scope="pull"'
                self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: object) -> None:
            """Suppress the log."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        fake.address = f"http://127.0.0.1:{server.server_port}"
        write_hosts(tmp_path / "hosts", fake.address)
        yield fake
        server.shutdown()


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    (tmp_path / "repository").mkdir()
    repository = Repository(tmp_path / "repository")
    repository.charts = (replace(GRAFANA, repository=repository.address),)
    repository.publish(repository.charts)
    yield repository
    repository.close()


def write_hosts(folder: Path, address: str) -> None:
    (folder / "registry.example").mkdir(parents=True, exist_ok=True)
    (folder / "registry.example" / "hosts.toml").write_text(f'server = "{address}"\n')


def fill(folder: Path, repository: Repository, image: Image = IMAGE) -> list[str]:
    """Renew the lock file in a folder; return what stays unknown."""
    unknown: list[str] = []
    renew(unknown.append, path=folder / "lock.yaml", charts=repository.charts, images=[image], hosts=folder / "hosts")
    return unknown


def test_the_committed_lock_has_exactly_the_pinned_charts_and_images() -> None:
    assert set(recorded().charts) == {(chart.name, chart.version) for chart in RELEASED}
    assert set(recorded().images) == {(image.repository, image.version) for image in locked_images()}
    assert LOCK.read_text() == rendered(recorded())


def test_unknown_digests_are_filled_from_repository_and_registry(
    tmp_path: Path, repository: Repository, registry: Registry
) -> None:
    assert fill(tmp_path, repository) == []
    lock = read_lock(tmp_path / "lock.yaml")
    archive = (repository.folder / f"{GRAFANA.name}-{GRAFANA.version}.tgz").read_bytes()
    chart = lock.charts[CHART_PATH]
    assert chart is not None
    assert chart.archive == f"sha256:{hashlib.sha256(archive).hexdigest()}"
    assert lock.images == {IMAGE_PATH: f"sha256:{hashlib.sha256(registry.manifest).hexdigest()}"}


def test_a_second_run_changes_nothing(tmp_path: Path, repository: Repository, registry: Registry) -> None:
    fill(tmp_path, repository)
    before = (tmp_path / "lock.yaml").read_text()
    assert fill(tmp_path, repository) == []
    assert (tmp_path / "lock.yaml").read_text() == before


def test_a_changed_archive_and_a_moved_tag_are_refused_together(
    tmp_path: Path, repository: Repository, registry: Registry
) -> None:
    fill(tmp_path, repository)
    before = (tmp_path / "lock.yaml").read_text()
    repository.publish(repository.charts, values="changed: true\n")
    registry.manifest = b'{"schemaVersion": 2, "changed": true}'
    with pytest.raises(CatalogueError) as raised:
        fill(tmp_path, repository)
    chart, image = map(str, raised.value.problems)
    archive = (repository.folder / f"{GRAFANA.name}-{GRAFANA.version}.tgz").read_bytes()
    assert chart.startswith(
        f"manifests/artifacts.lock.yaml: charts.grafana.{GRAFANA.version}: "
        f"found sha256:{hashlib.sha256(archive).hexdigest()}; allowed: sha256:"
    )
    assert image.startswith(
        "manifests/artifacts.lock.yaml: images.registry.example/team/program.v1.0.0: "
        f"found sha256:{hashlib.sha256(registry.manifest).hexdigest()}; allowed: sha256:"
    )
    assert (tmp_path / "lock.yaml").read_text() == before


def test_without_an_answer_no_digest_is_invented_and_none_is_lost(
    tmp_path: Path, repository: Repository, registry: Registry
) -> None:
    other = Image(repository="registry.example/team/other", version="v1.0.0")
    (unknown,) = fill(tmp_path, repository, other)
    assert unknown.startswith("registry.example/team/other:v1.0.0: unknown: http://127.0.0.1:")
    assert unknown.endswith("HTTP Error 404: Not Found")
    assert read_lock(tmp_path / "lock.yaml").images == {("registry.example/team/other", "v1.0.0"): None}

    fill(tmp_path, repository)
    before = (tmp_path / "lock.yaml").read_text()
    (repository.folder / "index.yaml").unlink()
    write_hosts(tmp_path / "hosts", f"http://127.0.0.1:{free_ports(1)[0]}")
    reported = fill(tmp_path, repository)
    assert [line.split(": ")[:2] for line in reported] == [
        [f"grafana {GRAFANA.version}", "not compared"],
        ["registry.example/team/program:v1.0.0", "not compared"],
    ]
    assert (tmp_path / "lock.yaml").read_text() == before


def test_entries_of_other_versions_are_removed(tmp_path: Path, repository: Repository, registry: Registry) -> None:
    fill(tmp_path, repository)
    repository.charts = (replace(OPERATOR, repository=repository.address),)
    repository.publish(repository.charts)
    fill(tmp_path, repository)
    assert list(read_lock(tmp_path / "lock.yaml").charts) == [(OPERATOR.name, OPERATOR.version)]


def test_a_registry_with_anonymous_login_is_read(tmp_path: Path, repository: Repository, registry: Registry) -> None:
    registry.token = "anonymous"
    assert fill(tmp_path, repository) == []
    assert registry.requests.count("/token?service=fake&scope=pull") == 1
    assert read_lock(tmp_path / "lock.yaml").images[IMAGE_PATH] is not None


@pytest.mark.parametrize("content", [b"text", b"entries: []\n", b"[\n"])
def test_a_repository_without_a_valid_index_leaves_the_digest_unknown(
    tmp_path: Path, repository: Repository, registry: Registry, content: bytes
) -> None:
    (repository.folder / "index.yaml").write_bytes(content)
    (unknown,) = fill(tmp_path, repository)
    assert unknown.endswith("/index.yaml: not the index of a chart repository")


def test_the_digest_of_the_files_depends_on_name_and_content_of_each(
    tmp_path: Path, repository: Repository, registry: Registry
) -> None:
    found: list[ChartDigests | None] = []
    for values in ("", "a: 1\n", "a: 2\n"):
        repository.publish(repository.charts, values=values)
        (tmp_path / "lock.yaml").unlink(missing_ok=True)
        fill(tmp_path, repository)
        found.append(read_lock(tmp_path / "lock.yaml").charts[CHART_PATH])
    assert len({each.files for each in found if each}) == 3
