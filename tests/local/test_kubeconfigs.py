"""Ports, tokens and kubeconfigs survive interrupted writes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from local.control_plane.kubeconfigs import USERS, assign_ports, kubeconfig_path, read_ports, write_kubeconfigs
from local.private_files import write_private


def token(state: Path) -> str:
    return str(yaml.safe_load(kubeconfig_path(state).read_text())["users"][0]["user"]["token"])


def test_ports_are_recorded(tmp_path: Path) -> None:
    assign_ports(tmp_path, ("etcd", "kwok"))
    assert set(read_ports(tmp_path)) == {"etcd", "kwok"}
    assert read_ports(tmp_path) == read_ports(tmp_path)


@pytest.mark.parametrize("content", ["", "[", "{", '["etcd"]', '{"etcd": "x"}'])
def test_a_damaged_ports_file_is_treated_as_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    assert read_ports(tmp_path) == {}


def test_every_account_has_its_own_persistent_token(tmp_path: Path) -> None:
    write_kubeconfigs(tmp_path, "context", 1)
    first = token(tmp_path)
    write_kubeconfigs(tmp_path, "context", 2)
    assert token(tmp_path) == first
    rows = (tmp_path / "tokens.csv").read_text().splitlines()
    assert len({row.split(",")[0] for row in rows}) == len(USERS)


@pytest.mark.parametrize("content", ["", "half a row", "one,two,admin\n"])
def test_damaged_tokens_are_recreated(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokens.csv").write_text(content)
    write_kubeconfigs(tmp_path, "context", 1)
    assert token(tmp_path) in (tmp_path / "tokens.csv").read_text()


def test_files_with_credentials_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    (tmp_path / ".secret.part").write_text("left by an interrupted run, readable by all")
    write_private(tmp_path / "secret", "text")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
