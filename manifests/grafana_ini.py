"""Configuration files of Grafana: grafana.ini and data sources."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from common.grafana import ALERTMANAGER_DATA_SOURCE, PROMETHEUS_DATA_SOURCE
from manifests.charts import PROMETHEUS_IMAGE
from settings.credentials import GRAFANA_OAUTH_CLIENT_SECRET
from settings.grafana import SignOn

# Path at which the pod mounts the Secret with the files.
SECRET_FILES_PATH: Final = "/etc/grafana-secrets"
# The file with the key that encrypts secrets in Grafana's database.
SECRET_KEY_FILE: Final = "secret-key"

# Keys of an ini file by section.
Ini = dict[str, dict[str, bool | str]]

# No connections to Grafana Labs: no statistics, version checks, news, plugins or plugin keys, and no published content.
_NO_CALLS_HOME: Final[Mapping[str, Mapping[str, bool | str]]] = {
    "analytics": {
        "reporting_enabled": False,
        "check_for_updates": False,
        "check_for_plugin_updates": False,
        "feedback_links_enabled": False,
    },
    "news": {"news_feed_enabled": False},
    "plugins": {
        "preinstall_disabled": True,
        "plugin_admin_enabled": False,
        "public_key_retrieval_disabled": True,
    },
    "snapshots": {"external_enabled": False},
    "public_dashboards": {"enabled": False},
    "cloud_migration": {"enabled": False},
}


def grafana_ini(address: str, sign_on: SignOn | None) -> Ini:
    """Return grafana.ini; `address` is the URL under which people open Grafana."""
    url = urlsplit(address)
    encrypted = url.scheme == "https"
    ini: Ini = {
        "server": {"domain": url.hostname or "", "root_url": address},
        "security": {
            # Encrypts secrets in the database; Grafana's default key is public.
            "secret_key": _file(SECRET_KEY_FILE),
            "cookie_secure": encrypted,
            "strict_transport_security": encrypted,
            "disable_gravatar": True,
        },
        "users": {"allow_sign_up": False},
        "auth.anonymous": {"enabled": False},
        # Grafana shows alerts and silences but evaluates no rules of its own: Prometheus does, with tested rules.
        "unified_alerting": {"execute_alerts": False},
        **{section: dict(keys) for section, keys in _NO_CALLS_HOME.items()},
    }
    if sign_on:
        ini["auth.generic_oauth"] = _sign_on(sign_on)
    return ini


def data_sources(*, prometheus_url: str, alertmanager_url: str, scrape_interval: str) -> dict[str, Any]:
    """Return the provisioning file of the data sources."""
    return {
        "apiVersion": 1,
        # Grafana deletes data sources that are no longer in this list.
        "prune": True,
        "datasources": [
            {
                "name": "Prometheus",
                "uid": PROMETHEUS_DATA_SOURCE,
                "type": "prometheus",
                "access": "proxy",
                "url": prometheus_url,
                "isDefault": True,
                "editable": False,
                "jsonData": {
                    # Long queries do not fit into a URL.
                    "httpMethod": "POST",
                    # Grafana derives $__rate_interval from it.
                    "timeInterval": scrape_interval,
                    "prometheusType": "Prometheus",
                    "prometheusVersion": PROMETHEUS_IMAGE.version.removeprefix("v"),
                },
            },
            {
                "name": "Alertmanager",
                "uid": ALERTMANAGER_DATA_SOURCE,
                "type": "alertmanager",
                "access": "proxy",
                "url": alertmanager_url,
                "editable": False,
                "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
            },
        ],
    }


def _sign_on(settings: SignOn) -> dict[str, bool | str]:
    keys: dict[str, bool | str] = {
        "enabled": True,
        "name": _quoted(settings.name),
        "client_id": _quoted(settings.client_id),
        "client_secret": _file(GRAFANA_OAUTH_CLIENT_SECRET.file),
        "auth_url": _quoted(settings.auth_url),
        "token_url": _quoted(settings.token_url),
        "api_url": _quoted(settings.api_url),
        "scopes": _quoted(settings.scopes),
        "use_pkce": True,
        # Users of the provider get an account, but only if role_attribute_path returns a role for them.
        "allow_sign_up": True,
        "role_attribute_path": _quoted(settings.role_attribute_path),
        "role_attribute_strict": True,
    }
    if settings.allowed_domains:
        keys["allowed_domains"] = _quoted(settings.allowed_domains)
    return keys


def _file(name: str) -> str:
    """Return a variable that Grafana replaces with the content of a mounted file."""
    return f"$__file{{{SECRET_FILES_PATH}/{name}}}"


def _quoted(text: str) -> str:
    """Quote text for an ini file.

    Without this, `#` and `;` would start a comment, and outer quotes would be lost.
    """
    return f'"""{text}"""'
