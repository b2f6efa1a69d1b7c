"""The command `review`: its errors and its output."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from local.processes import free_ports
from operations.cli import main


def review(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["review", *arguments], env={"URL": "", "ALERTMANAGER": ""})


def test_an_unreachable_prometheus_is_one_clear_error(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    result = review("--stack", "prod", "--url", url, "--output", str(tmp_path / "report"))
    assert (result.exit_code, result.output) == (1, f"{url} does not respond: Connection refused\n")
    assert not (tmp_path / "report").exists()


def test_without_a_url_the_error_explains_port_forwarding() -> None:
    result = review("--stack", "staging")
    assert result.exit_code == 1
    assert "kubectl -n monitoring port-forward service/prometheus 9090" in result.output


@pytest.mark.parametrize("url", ["prometheus:9090", "file:///etc/passwd", "http://user@host"])
def test_every_url_that_is_not_a_web_address_is_refused(url: str) -> None:
    result = review("--stack", "prod", "--url", url, "--alertmanager", url)
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.output.splitlines()] == ["URL", "ALERTMANAGER"]


def test_an_unknown_stack_is_refused() -> None:
    result = review("--stack", "nowhere")
    assert result.exit_code == 2
    assert "STACK: found 'nowhere'; allowed: one of local, prod, staging" in result.output


def test_only_the_three_periods_are_allowed() -> None:
    assert "'7d', '30d', '90d'" in review("--stack", "prod", "--period", "8d").output
