"""Settings of the demo platform: the stack file with its own settings merged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from common.project import PROJECT
from local.control_plane.lifecycle import ControlPlane
from local.demo.platform import Demo


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """A demo platform that was never started, beside its own copy of the stack file."""
    path = tmp_path / "Pulumi.local.yaml"
    path.write_text((PROJECT / "Pulumi.local.yaml").read_text())
    return Demo(ControlPlane(tmp_path / "state", "bais-local"), path)


def config(path: Path) -> dict[str, Any]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text())
    return content["config"]


def test_the_settings_of_the_demo_platform_win_over_the_stack_file(demo: Demo) -> None:
    demo.enable()
    assert config(demo.stack_file)["monitoring:notifications"]["email"]["smarthost"] == "127.0.0.1:9"
    assert config(demo.settings)["monitoring:notifications"]["email"]["smarthost"] == "mail.receivers.svc:587"
    assert config(demo.settings)["monitoring:links"] == config(demo.stack_file)["monitoring:links"]


def test_a_later_change_of_the_stack_file_is_in_the_refreshed_settings(demo: Demo) -> None:
    demo.enable()
    demo.stack_file.write_text(demo.stack_file.read_text().replace("retention: 1d", "retention: 2d"))
    assert config(demo.settings)["monitoring:prometheus"]["retention"] == "1d"
    demo.refresh_settings()
    assert config(demo.settings)["monitoring:prometheus"]["retention"] == "2d"


def test_refreshing_does_not_enable_the_demo_platform(demo: Demo) -> None:
    demo.refresh_settings()
    assert not demo.is_enabled


@pytest.mark.parametrize("text", ["config: [\n", "[]\n", "config: []\n", "config:\n  a: 1\n  a: 2\n"])
def test_an_invalid_stack_file_is_left_to_the_checks(demo: Demo, text: str) -> None:
    demo.stack_file.write_text(text)
    demo.enable()
    assert demo.settings.read_text() == text
