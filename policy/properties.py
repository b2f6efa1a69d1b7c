"""Access to properties of any shape; a check must not fail on an unexpected resource."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from policy.model import Resource


def at(properties: object, path: str) -> Any:
    """Return the value at a dotted path, or None if any part is missing."""
    for key in path.split("."):
        properties = properties[key] if isinstance(properties, Mapping) and key in properties else None
    return properties


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty mapping."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """Return the value if it is a list, else an empty sequence."""
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def leaves(value: object, path: str) -> Iterator[tuple[str, str, Any]]:
    """Yield path, key and value of every leaf; the key of a name/value entry is its name."""
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
    """Yield key and content of each text entry of a Secret."""
    for key, text in mapping(resource.properties.get("stringData")).items():
        if isinstance(text, str):
            yield key, text
    for key, text in mapping(resource.properties.get("data")).items():
        try:
            yield key, base64.b64decode(str(text), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue


def alertmanager_files(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each Alertmanager configuration in a Secret, recognised by its content."""
    if resource.kind != "core:Secret":
        return
    for key, text in texts_of_secret(resource):
        try:
            content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError:
            continue
        if isinstance(content, Mapping) and {"receivers", "route"} & set(content):
            yield key, content
