"""Tests that the rules for `kubectl apply` are those that the program deploys."""

from pathlib import Path

import pytest
import yaml

from tools import rule_manifests


def test_the_file_is_current() -> None:
    assert rule_manifests.FILE.read_text(encoding="utf-8") == rule_manifests.current(), "run: make generate"


def test_its_rules_are_those_of_production_in_no_namespace() -> None:
    written = list(yaml.safe_load_all(rule_manifests.FILE.read_text(encoding="utf-8")))
    deployed = rule_manifests.manifests("prod")
    assert len(written) == 10
    assert [each["spec"] for each in written] == [each["spec"] for each in deployed]
    assert all(set(each["metadata"]) == {"name", "labels"} for each in written)


def test_the_command_writes_the_file_except_with_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "alerts.yaml"
    assert rule_manifests.main(["--check"], file) == 1
    assert capsys.readouterr().out == "scripts/alerts.yaml is out of date; run: make generate\n"
    assert not file.exists()
    assert rule_manifests.main([], file) == 0
    assert rule_manifests.main(["--check"], file) == 0
