from collections.abc import Mapping

import pytest

from tests.components.test_grafana import CLIENT_SECRET, SIGN_ON, WHOLE
from tests.settings.test_stack import ALL_SECRETS, problems, read

SECRETS = ALL_SECRETS | {CLIENT_SECRET}
HTTPS = "an https URL without user, query, fragment, $ or ;"
PLAIN = 'a single line of at most 1024 characters without $, """, {{ and %('
HOST = "https:// and a host name without port or path, because the ingress serves that host over TLS"
SECRET = "the name of a Secret that the stack does not create itself: lowercase letters, digits, - and ."


def links(grafana: str) -> dict[str, str]:
    return {"runbooks": "https://runbooks.example", "grafana": grafana}


def test_every_setting_of_grafana_has_a_default() -> None:
    grafana = read().grafana
    assert (grafana.enabled, grafana.storage.size, grafana.admin_secret) == (True, "5Gi", None)
    assert (grafana.ingress, grafana.sign_on) == (None, None)


def test_every_setting_can_be_changed() -> None:
    grafana = read(SECRETS, grafana=WHOLE).grafana
    assert grafana.ingress is not None
    assert grafana.ingress.annotations == {"example.com/issuer": "main"}
    assert grafana.sign_on is not None
    assert grafana.sign_on.scopes == "openid profile email"


@pytest.mark.parametrize(
    ("key", "section", "found", "allowed"),
    [
        ("enabled", {"enabled": "yes"}, '"yes"', "true or false"),
        ("adminSecret", {"adminSecret": "Admin"}, "a hidden value", SECRET),
        ("storage.retentionSize", {"storage": {"retentionSize": "1GB"}}, "an unknown key", "one of size, storageClass"),
        ("ingress.tlsSecret", {"ingress": {}}, "nothing", "a value, because this setting has no default"),
        ("ingress.tlsSecret", {"ingress": {"tlsSecret": None}}, "nothing", SECRET),
        (
            "ingress.annotations",
            {"ingress": {"tlsSecret": "x", "annotations": {"example.com/ssl": True}}},
            "a mapping",
            "a mapping of names to strings, with true, false and numbers in quotes",
        ),
        (
            "resources.requests.memory",
            {"resources": {"requests": {"memory": "2Gi"}}},
            '"2Gi"',
            "limits.memory (1Gi) or less",
        ),
        ("signOn.authUrl", {"signOn": SIGN_ON | {"authUrl": "http://id.example"}}, "a hidden value", HTTPS),
        ("signOn.apiUrl", {"signOn": SIGN_ON | {"apiUrl": "https://a:b@id.example"}}, "a hidden value", HTTPS),
        ("signOn.name", {"signOn": SIGN_ON | {"name": "{{ x }}"}}, '"{{ x }}"', PLAIN),
        ("signOn.name", {"signOn": SIGN_ON | {"name": "${HOME}"}}, '"${HOME}"', PLAIN),
        ("signOn.scopes", {"signOn": SIGN_ON | {"scopes": "a\nb"}}, '"a\\nb"', PLAIN),
        ("signOn.scopes", {"signOn": SIGN_ON | {"scopes": ["openid"]}}, "a list", PLAIN),
        ("signOn.clientSecret", {"signOn": SIGN_ON | {"clientSecret": "hush"}}, "an unknown key", "clientId"),
    ],
)
def test_an_invalid_value_is_reported_with_its_key_and_the_allowed_values(
    key: str, section: Mapping[str, object], found: str, allowed: str
) -> None:
    ((actual_key, actual_found, actual_allowed),) = problems(SECRETS, grafana=section)
    assert (actual_key, actual_found) == (f"monitoring:grafana.{key}", found)
    assert actual_allowed.startswith(allowed)


@pytest.mark.parametrize(
    "address",
    [
        "http://grafana.example",
        "https://grafana.example:8443",
        "https://example.com/grafana",
        "https://192.0.2.1",
        "https://grafana",
    ],
)
def test_with_an_ingress_the_public_url_must_be_an_https_host_name(address: str) -> None:
    ((key, found, allowed),) = problems(grafana={"ingress": WHOLE["ingress"]}, links=links(address))
    assert (key, allowed) == ("monitoring:links.grafana", HOST)
    assert found.endswith("://, with grafana.ingress")


@pytest.mark.parametrize("address", ["https://grafana.example", "https://grafana.example/"])
def test_with_an_ingress_the_public_url_may_end_with_a_slash(address: str) -> None:
    assert read(grafana={"ingress": WHOLE["ingress"]}, links=links(address)).grafana.ingress


def test_single_sign_on_requires_https() -> None:
    ((key, _, allowed),) = problems(SECRETS, grafana={"signOn": SIGN_ON}, links=links("http://grafana.example"))
    assert (key, allowed) == ("monitoring:links.grafana", "an https URL, because users sign in there")


def test_the_public_url_of_a_disabled_grafana_is_not_checked() -> None:
    assert read(grafana={"enabled": False, **WHOLE}, links=links("http://grafana.example"))


def test_single_sign_on_requires_its_client_secret() -> None:
    command = f"pulumi config set --secret monitoring:{CLIENT_SECRET} <value> --stack prod"
    assert problems(grafana={"signOn": SIGN_ON}) == [(f"monitoring:{CLIENT_SECRET}", "nothing", command)]
    assert problems(**{CLIENT_SECRET: "hush"}) == [(f"monitoring:{CLIENT_SECRET}", "an unencrypted value", command)]  # type: ignore[arg-type]


def test_runbooks_in_grafana_need_grafana() -> None:
    in_grafana = links("https://grafana.example") | {"runbooks": "grafana"}
    assert read(links=in_grafana).links.runbook_base == "https://grafana.example"
    ((key, found, allowed),) = problems(grafana={"enabled": False}, links=in_grafana)
    assert (key, found, allowed) == ("monitoring:links.runbooks", "grafana, with grafana.enabled: false", "an address")
