"""Predicates of URLs, hosts and mail addresses, by the grammar of their RFCs.

Left out of the grammar is what a later reader would expand or misread: `$` (Grafana, the configuration reloader), `;`
in URLs (a comment in Grafana's configuration file), and braces and backquotes (Helm, Go templates) in mail addresses;
URLs cannot contain those.
"""

import ipaddress
import re
from typing import Final

# A component of a host name. The underscore is not in RFC 952, but in the names of some internal services.
_HOST_LABEL: Final = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST_NAME: Final = re.compile(rf"{_HOST_LABEL}(\.{_HOST_LABEL})*\.?")
_LONGEST_HOST: Final = 253
# RFC 3986: path-abempty of pchar.
_PATH: Final = r"(/([A-Za-z0-9._~!&'()*+,=:@-]|%[0-9A-Fa-f]{2})*)*"
_AUTHORITY: Final = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[0-9]{1,5}))?"
_URL: Final = re.compile(rf"(?P<scheme>https?|oci)://{_AUTHORITY}(?P<path>{_PATH})")
_LONGEST_URL: Final = 2048
# RFC 5321: a dot-string of atext, at most 64 characters.
_ATEXT: Final = r"[A-Za-z0-9!#%&'*+/=?^_|~-]+"
_LOCAL_PART: Final = re.compile(rf"(?=.{{1,64}}$){_ATEXT}(\.{_ATEXT})*")
_LONGEST_ADDRESS: Final = 254


def is_oci(text: str) -> bool:
    """Return whether a chart source is an OCI registry."""
    return text.startswith("oci://")


def is_url(text: str) -> bool:
    """Return whether a chart source is a URL of any scheme, not a folder."""
    return "://" in text


def is_chart_source(text: str) -> bool:
    """Return whether a string is `upstream`, an https or oci URL, or a relative path."""
    if is_url(text):
        return _is_plain_url(text, "https", "oci")
    return 0 < len(text) <= _LONGEST_URL and text.isprintable() and re.match(r"[^/~][^${]*$", text) is not None


def is_base_url(text: str) -> bool:
    """Return whether a string is an http or https URL without user, query and fragment."""
    return _is_plain_url(text, "http", "https")


def is_linked_url(text: str) -> bool:
    """Return whether a string is such a URL, and not of a Service, whose name only pods can resolve."""
    found = _URL.fullmatch(text) if is_base_url(text) else None
    return found is not None and not found["host"].lower().rstrip(".").endswith((".svc", ".svc.cluster.local"))


def is_https_base_url(text: str) -> bool:
    """Return whether a string is an https URL without user, query and fragment."""
    return _is_plain_url(text, "https")


def is_url_path(text: str) -> bool:
    """Return whether a string is a path of a URL that starts with a slash."""
    return 0 < len(text) <= _LONGEST_URL and re.fullmatch(_PATH, text) is not None


def is_endpoint(text: str) -> bool:
    """Return whether a string is `host:port`; IPv6 addresses are in brackets."""
    found = re.fullmatch(_AUTHORITY, text)
    return found is not None and found["port"] is not None and _is_authority(found)


def is_mail_address(text: str) -> bool:
    """Return whether a string is a mail address without display name, quotes and comments."""
    local_part, at, domain = text.rpartition("@")
    return (
        bool(at)
        and len(text) <= _LONGEST_ADDRESS
        and _LOCAL_PART.fullmatch(local_part) is not None
        and _is_host(domain)
        and not domain.startswith("[")
    )


def _is_plain_url(text: str, *schemes: str) -> bool:
    found = _URL.fullmatch(text) if len(text) <= _LONGEST_URL else None
    return found is not None and found["scheme"] in schemes and _is_authority(found)


def _is_authority(found: re.Match[str]) -> bool:
    return _is_host(found["host"]) and (found["port"] is None or 1 <= int(found["port"]) <= 65535)


def _is_host(text: str) -> bool:
    if text.startswith("["):
        return _is_address(text[1:-1], ipaddress.IPv6Address)
    if re.fullmatch(r"[0-9.]+", text):
        return _is_address(text, ipaddress.IPv4Address)
    return len(text) <= _LONGEST_HOST and _HOST_NAME.fullmatch(text) is not None


def _is_address(text: str, kind: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address]) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True
