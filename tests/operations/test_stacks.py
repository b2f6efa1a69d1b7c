"""Stacks of this project: which file has the settings in use."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from common.project import PROJECT
from local import environment
from operations.stacks import stack_file


def test_commands_read_the_current_stack_file_with_the_demo_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "STATE", tmp_path)
    platform = environment.demo_platform(environment.embedded_deployment())
    assert stack_file("local") == PROJECT / "Pulumi.local.yaml"
    platform.enable()
    platform.settings.write_text("config: {}\n")
    assert stack_file("local") == platform.settings
    assert yaml.safe_load(platform.settings.read_text())["config"]["monitoring:environment"] == "local"
