"""Changes of the Alertmanager configuration for the delivery tests."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from tools.delivery.alertmanager import SHORT, TIMES, Configuration, redirect, shorten_timings
from tools.delivery.stacks import stack
from tools.mocked_program import STACKS


@pytest.fixture(params=STACKS)
def configuration(request: pytest.FixtureRequest) -> Configuration:
    return stack(request.param).configuration


def times(configuration: Configuration) -> list[dict[str, str]]:
    routes = [configuration["route"], *configuration["route"]["routes"]]
    return [{name: route[name] for name in TIMES if name in route} for route in routes]


def without_times(configuration: Configuration) -> Configuration:
    remaining = copy.deepcopy(configuration)
    for route in (remaining["route"], *remaining["route"]["routes"]):
        for name in TIMES:
            route.pop(name, None)
    for interval in remaining["time_intervals"]:
        del interval["time_intervals"]
    return remaining


def test_only_group_waits_and_intervals_are_shortened(configuration: Configuration) -> None:
    short = shorten_timings(configuration)
    assert without_times(short) == without_times(configuration)
    assert [set(each) for each in times(short)] == [set(each) for each in times(configuration)]
    assert {value for each in times(short) for value in each.values()} == {SHORT}


def test_only_addresses_are_redirected(configuration: Configuration, tmp_path: Path) -> None:
    local = redirect(configuration, tokens=str(tmp_path), services="http://sink", mail_server="sink:25", ca="ca.pem")
    assert "/etc/alertmanager" not in repr(local)
    assert local["global"].pop("pagerduty_url") == "http://sink/v2/enqueue"
    assert local.pop("templates") == ["*.tmpl"]
    mails = [config for receiver in local["receivers"] for config in receiver.get("email_configs", [])]
    originals = [config for receiver in configuration["receivers"] for config in receiver.get("email_configs", [])]
    for mail, original in zip(mails, originals, strict=True):
        assert (mail["smarthost"], mail.pop("tls_config")) == ("sink:25", {"ca_file": "ca.pem"})
        mail["smarthost"] = original["smarthost"]
    text = yaml.safe_dump(local, width=1000).replace(str(tmp_path), "/etc/alertmanager/secrets")
    assert yaml.safe_load(text) | {"templates": configuration["templates"]} == configuration
