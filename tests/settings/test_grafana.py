from collections.abc import Mapping

import pytest

from tests.components.test_grafana import CLIENT_SECRET, SIGN_ON, WHOLE
from tests.settings.test_stack import ALL_SECRETS, problems, read

SECRETS = ALL_SECRETS | {CLIENT_SECRET}
HTTPS = "an https address without user, query or fragment"
PLAIN = 'text on one line, without $, """ and {{'
HOST = "https:// and a host name alone: the ingress serves that host, encrypted"
OBJECT = "the name of a Kubernetes object: small letters, digits, - and ."


def links(grafana: str) -> dict[str, str]:
    return {"runbooks": "https://runbooks.example", "grafana": grafana}


def test_a_stack_needs_to_say_nothing_about_grafana() -> None:
    grafana = read().grafana
    assert (grafana.enabled, grafana.storage.size, grafana.admin_secret) == (True, "5Gi", None)
    assert (grafana.ingress, grafana.sign_on) == (None, None)


def test_everything_can_be_set() -> None:
    grafana = read(SECRETS, grafana=WHOLE).grafana
    assert grafana.ingress is not None
    assert grafana.ingress.annotations == {"example.com/issuer": "main"}
    assert grafana.sign_on is not None
    assert grafana.sign_on.scopes == "openid profile email"


@pytest.mark.parametrize(
    ("key", "section", "found", "allowed"),
    [
        ("enabled", {"enabled": "yes"}, '"yes"', "true or false"),
        ("adminSecret", {"adminSecret": "Admin"}, "a plain value", OBJECT),
        ("storage.retentionSize", {"storage": {"retentionSize": "1GB"}}, "an unknown key", "one of size, storageClass"),
        ("ingress.tlsSecret", {"ingress": {}}, "nothing", "a value: this setting has no default"),
        ("ingress.tlsSecret", {"ingress": {"tlsSecret": None}}, "nothing", OBJECT),
        (
            "ingress.annotations",
            {"ingress": {"tlsSecret": "x", "annotations": {"example.com/ssl": True}}},
            "a mapping",
            "a mapping of names and texts; true, false and numbers in quotes",
        ),
        (
            "resources.requests.memory",
            {"resources": {"requests": {"memory": "2Gi"}}},
            '"2Gi"',
            "limits.memory (1Gi) or less",
        ),
        ("signOn.authUrl", {"signOn": SIGN_ON | {"authUrl": "http://id.example"}}, "a plain value", HTTPS),
        ("signOn.apiUrl", {"signOn": SIGN_ON | {"apiUrl": "https://a:b@id.example"}}, "a plain value", HTTPS),
        ("signOn.name", {"signOn": SIGN_ON | {"name": "{{ x }}"}}, '"{{ x }}"', PLAIN),
        ("signOn.name", {"signOn": SIGN_ON | {"name": "${HOME}"}}, '"${HOME}"', PLAIN),
        ("signOn.scopes", {"signOn": SIGN_ON | {"scopes": "a\nb"}}, '"a\\nb"', PLAIN),
        ("signOn.scopes", {"signOn": SIGN_ON | {"scopes": ["openid"]}}, "a list", PLAIN),
        ("signOn.clientSecret", {"signOn": SIGN_ON | {"clientSecret": "hush"}}, "an unknown key", "clientId"),
    ],
)
def test_a_wrong_value_names_its_key_and_what_is_allowed(
    key: str, section: Mapping[str, object], found: str, allowed: str
) -> None:
    ((at, told, may),) = problems(SECRETS, grafana=section)
    assert (at, told) == (f"monitoring:grafana.{key}", found)
    assert may.startswith(allowed)


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
def test_an_ingress_serves_an_encrypted_host_and_nothing_else(address: str) -> None:
    ((key, found, allowed),) = problems(grafana={"ingress": WHOLE["ingress"]}, links=links(address))
    assert (key, allowed) == ("monitoring:links.grafana", HOST)
    assert found.endswith("://, with grafana.ingress")


@pytest.mark.parametrize("address", ["https://grafana.example", "https://grafana.example/"])
def test_an_ingress_serves_the_host_of_the_links(address: str) -> None:
    assert read(grafana={"ingress": WHOLE["ingress"]}, links=links(address)).grafana.ingress


def test_nobody_signs_on_in_the_clear() -> None:
    ((key, _, allowed),) = problems(SECRETS, grafana={"signOn": SIGN_ON}, links=links("http://grafana.example"))
    assert (key, allowed) == ("monitoring:links.grafana", "an https address: people sign on there")


def test_where_grafana_is_off_its_address_may_be_any() -> None:
    assert read(grafana={"enabled": False, **WHOLE}, links=links("http://grafana.example"))


def test_sign_on_needs_its_secret() -> None:
    command = f"pulumi config set --secret monitoring:{CLIENT_SECRET} <value> --stack prod"
    assert problems(grafana={"signOn": SIGN_ON}) == [(f"monitoring:{CLIENT_SECRET}", "nothing", command)]
    assert problems(**{CLIENT_SECRET: "hush"}) == [(f"monitoring:{CLIENT_SECRET}", "a plain value", command)]  # type: ignore[arg-type]
