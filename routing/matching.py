"""Receivers that an alert reaches in a configuration of Alertmanager."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_MATCHER: Final = re.compile(r'\s*(?P<label>\w+)\s*(?P<operator>=~|!~|!=|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*')
_ESCAPED: Final = re.compile(r"\\(.)")


def receivers_reached(configuration: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the receivers of an alert with these labels, in the order of the routes.

    Raises:
        ValueError: a matcher is not of the form `label="value"`.
    """
    return tuple(dict.fromkeys(_descend(configuration["route"], labels)))


def _descend(route: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the receivers below a matching route: those of its routes, or its own if none of them matches."""
    is_matched = False
    for child in route.get("routes") or ():
        if all(_matches(matcher, labels) for matcher in child.get("matchers") or ()):
            is_matched = True
            yield from _descend({"receiver": route["receiver"], **child}, labels)
            if not child.get("continue"):
                return
    if not is_matched:
        yield route["receiver"]


def _matches(matcher: str, labels: Mapping[str, str]) -> bool:
    found = _MATCHER.fullmatch(matcher)
    if found is None:
        raise ValueError(f'matcher {matcher}: allowed: label="value", with =, !=, =~ or !~')
    wanted, actual = _ESCAPED.sub(r"\1", found["value"]), labels.get(found["label"], "")
    is_equal = re.fullmatch(wanted, actual) is not None if "~" in found["operator"] else actual == wanted
    return is_equal != found["operator"].startswith("!")


def addresses(configuration: Mapping[str, Any], receivers: Sequence[str]) -> tuple[str, ...]:
    """Return where these receivers send, for example `slack #bais-critical`, without duplicates.

    An integration without a channel or mailbox is told apart by the file of its credential.
    """
    by_name = {receiver["name"]: receiver for receiver in configuration["receivers"]}
    return tuple(dict.fromkeys(each for name in receivers for each in _of_receiver(by_name.get(name, {}))))


def _of_receiver(receiver: Mapping[str, Any]) -> Iterator[str]:
    for key, integrations in receiver.items():
        if not key.endswith("_configs"):
            continue
        for integration in integrations:
            files = (str(value).rpartition("/")[2] for name, value in integration.items() if name.endswith("_file"))
            where = integration.get("channel") or integration.get("to") or next(files, "")
            yield f"{key.removesuffix('_configs')} {where}".rstrip()
