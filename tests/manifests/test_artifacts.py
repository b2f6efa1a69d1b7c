"""Recorded digests: their file, their check, and how pods select images by them."""

from __future__ import annotations

from typing import Any, Final

import pytest

from common.problems import CatalogueError
from manifests import artifacts
from manifests.artifacts import ArtifactLock, ChartDigests, files_digest, parse_lock
from manifests.charts import CHART_IMAGES, IMAGES, PROMETHEUS_IMAGE, RELEASED, ChartImage, image_values, merged
from tests.chart_values import STAND_IN_VALUES, chosen_values

DIGEST: Final = f"sha256:{'a' * 64}"


@pytest.fixture
def with_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A digest for each image."""
    lock = ArtifactLock(images={(image.repository, image.version): DIGEST for image in IMAGES})
    monkeypatch.setattr(artifacts, "recorded", lambda: lock)


def test_unknown_and_known_digests_are_read() -> None:
    known = f"{{archive: '{DIGEST}', files: '{DIGEST}'}}"
    assert parse_lock(f"charts: {{a: {{1.0.0: {known}, 2.0.0: null}}}}\nimages: {{b: {{v1: null}}}}\n") == ArtifactLock(
        charts={("a", "1.0.0"): ChartDigests(archive=DIGEST, files=DIGEST), ("a", "2.0.0"): None},
        images={("b", "v1"): None},
    )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["charts", "images"]),
        ("charts: {}\nimages: []\n", ["images"]),
        ("charts: {a: 1.0.0}\nimages: {}\n", ["charts"]),
        (f"charts: {{a: {{1.0.0: '{DIGEST}'}}}}\nimages: {{b: {{v1: latest}}}}\n", ["charts.a.1.0.0", "images.b.v1"]),
        (f"charts: {{a: {{1.0.0: {{archive: '{DIGEST}'}}}}}}\nimages: {{}}\n", ["charts.a.1.0.0"]),
        (f"charts: {{}}\nimages: {{b: {{v1: '{DIGEST[:-1]}'}}}}\n", ["images.b.v1"]),
    ],
)
def test_each_malformed_entry_is_one_problem(text: str, keys: list[str]) -> None:
    with pytest.raises(CatalogueError) as raised:
        parse_lock(text)
    assert [problem.key for problem in raised.value.problems] == [
        f"manifests/artifacts.lock.yaml: {key}" for key in keys
    ]


def test_the_digest_of_files_depends_on_names_and_contents() -> None:
    digests = [files_digest(files) for files in ({"a": b"b"}, {"a": b""}, {"b": b"b"}, {"a": b"b", "c": b""}, {})]
    assert len(set(digests)) == 5
    assert files_digest({"a": b"", "b": b""}) == files_digest({"b": b"", "a": b""})


@pytest.mark.usefixtures("with_digests")
def test_an_image_has_tag_and_digest_except_in_the_embedded_environment() -> None:
    assert PROMETHEUS_IMAGE.reference("prod") == f"{PROMETHEUS_IMAGE}@{DIGEST}"
    assert PROMETHEUS_IMAGE.reference("local") == str(PROMETHEUS_IMAGE)


def test_an_image_without_a_known_digest_has_its_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "recorded", ArtifactLock)
    assert PROMETHEUS_IMAGE.reference("prod") == str(PROMETHEUS_IMAGE)
    assert [image_values(chart, "prod") for chart in RELEASED] == [{}] * len(RELEASED)


@pytest.mark.usefixtures("with_digests")
def test_the_values_of_a_chart_select_each_of_its_images_by_digest() -> None:
    values = {chart.name: values for chart in RELEASED if (values := image_values(chart, "prod"))}
    hexadecimal = "a" * 64
    assert values == {
        "kube-prometheus-stack": {
            "prometheusOperator": {
                "image": {"sha": hexadecimal},
                "prometheusConfigReloader": {"image": {"sha": hexadecimal}},
            }
        },
        "prometheus-node-exporter": {"image": {"digest": DIGEST}},
        "kube-state-metrics": {"image": {"sha": DIGEST}},
        "prometheus-blackbox-exporter": {"image": {"digest": DIGEST}},
        "grafana": {"image": {"sha": hexadecimal}, "sidecar": {"image": {"sha": hexadecimal}}},
        "prometheus-postgres-exporter": {"image": {"tag": f"v0.20.1@{DIGEST}"}},
    }
    assert [image_values(chart, "local") for chart in RELEASED] == [{}] * len(RELEASED)


@pytest.mark.parametrize("image", CHART_IMAGES, ids=lambda each: each.image.repository)
@pytest.mark.parametrize("source", ["chosen", "stand-in"])
def test_the_image_is_the_one_of_its_chart(image: ChartImage, source: str, pytestconfig: pytest.Config) -> None:
    defaults = chosen_values(pytestconfig.getoption("--charts")) if source == "chosen" else STAND_IN_VALUES
    (chart,) = (chart for chart in RELEASED if chart.name == image.chart)
    values: Any = defaults.of(chart)
    *path, key = (image.value or "image.tag").split(".")
    for name in path:
        values = values[name]
    assert key in values
    assert "/".join(filter(None, (values.get("registry"), values["repository"]))) == image.image.repository
    assert values["tag"] in ("", None, image.image.version)


def test_values_are_merged_at_any_depth() -> None:
    assert merged({"a": {"b": 1}, "c": 2}, {"a": {"d": 3}, "e": 4}) == {"a": {"b": 1, "d": 3}, "c": 2, "e": 4}
