"""Requests to the API server; its responses are those of a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from verification import cluster
from verification.cluster import ClusterReader


@pytest.mark.parametrize("items", ["null", "[]"])
def test_an_empty_collection_has_no_objects_also_if_the_api_server_says_null(
    monkeypatch: pytest.MonkeyPatch, items: str
) -> None:
    """It does so for metadata alone."""
    monkeypatch.setattr(cluster, "_request", lambda *_: (200, f'{{"items": {items}}}'))
    assert ClusterReader(Path("unused"), None).list_metadata("/api/v1/configmaps") == []
