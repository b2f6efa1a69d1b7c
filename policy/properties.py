"""Reading properties that may be of any shape: a check must never fail on a resource that it does not expect."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from policy.model import Resource


def at(properties: object, path: str) -> Any:
    """What stands at a dotted path; None where anything on the way is missing."""
    for key in path.split("."):
        properties = properties[key] if isinstance(properties, Mapping) and key in properties else None
    return properties


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def leaves(value: object, path: str) -> Iterator[tuple[str, str, Any]]:
    """Every single value below: its path, its key, and the value; an entry of name and value has its name as key."""
    key = path.rpartition(".")[2].partition("[")[0]
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str) and "value" in value:
            yield f"{path}.value", value["name"], value["value"]
        for name in value:
            yield from leaves(value[name], f"{path}.{name}")
    elif items(value):
        for number, item in enumerate(items(value)):
            yield from leaves(item, f"{path}[{number}]")
    else:
        yield path, key, value


def texts_of_secret(resource: Resource) -> Iterator[tuple[str, str]]:
    """Key and content of each entry of a Secret that is text."""
    for key, text in mapping(resource.properties.get("stringData")).items():
        if isinstance(text, str):
            yield key, text
    for key, text in mapping(resource.properties.get("data")).items():
        try:
            yield key, base64.b64decode(str(text), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue


def alertmanager_files(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each Alertmanager configuration in a Secret, known by its receivers, whatever the Secret is called."""
    if resource.kind != "core:Secret":
        return
    for key, text in texts_of_secret(resource):
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError:
            continue
        if isinstance(content, Mapping) and {"receivers", "route"} & set(content):
            yield key, content
