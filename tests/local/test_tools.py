"""The table of tools: complete, pinned once, with cache keys."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version
from pathlib import Path

import pytest

from local.tools.toolset import FAMILIES, PURPOSES, Tool, binary, module_version, on_path, set_folder, table, tools_for


def tool(name: str) -> Tool:
    return next(tool for tool in table() if tool.name == name)


@pytest.mark.parametrize("tool", table(), ids=lambda tool: tool.name)
def test_each_family_is_a_go_module_with_checksums(tool: Tool) -> None:
    assert (FAMILIES / tool.family / "go.mod").is_file()
    assert (FAMILIES / tool.family / "go.sum").is_file()


def test_every_family_has_a_tool() -> None:
    assert {path.parent.name for path in FAMILIES.glob("*/go.mod")} == {tool.family for tool in table()}


@pytest.mark.parametrize("plugin", ["kubernetes", "random"])
def test_plugins_have_the_version_of_their_python_sdk(plugin: str) -> None:
    assert tool(f"pulumi-resource-{plugin}").version == version(f"pulumi-{plugin}")


def test_the_engine_has_the_version_of_the_python_sdk() -> None:
    assert tool("pulumi").version == version("pulumi")


def test_versions_come_from_go_mod() -> None:
    assert tool("kube-apiserver").version == module_version("kubernetes", "k8s.io/kubernetes") == "1.35.0"
    assert "v1.35.0" in tool("kube-apiserver").linker_flags


def test_a_module_that_is_not_in_go_mod_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"etcd/go\.mod does not require k8s\.io/kubernetes"):
        module_version("etcd", "k8s.io/kubernetes")


@pytest.mark.parametrize("change", [{"tags": "other"}, {"version": "9.9.9"}, {"linker": {"main.version": "x"}}])
def test_everything_that_affects_the_build_changes_the_cache_key(change: dict[str, object]) -> None:
    promtool = tool("promtool")
    assert dataclasses.replace(promtool, **change).key != promtool.key  # type: ignore[arg-type]


@pytest.mark.parametrize(("printed", "fits"), [("etcd Version: {pinned}", True), ("etcd Version: 1.2.3", False)])
def test_a_program_on_path_is_used_only_in_the_pinned_version(
    printed: str, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etcd = tool("etcd")
    program = tmp_path / "etcd"
    program.write_text(f"#!/bin/sh\necho '{printed.format(pinned=etcd.version)}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert on_path(etcd) == (program if fits else None)


def test_tools_for_tests_are_a_separate_set() -> None:
    assert "pint" in {tool.name for tool in tools_for("tests")}
    assert {tool.purpose for tool in table()} == set(PURPOSES)
    assert binary("pint").parent.parent == set_folder("tests") != set_folder()
    assert binary("promtool").parent.parent == set_folder()


def test_a_program_on_path_that_cannot_run_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "etcd"
    program.write_text("no program\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert on_path(tool("etcd")) is None
