"""JSON schema of a stack file, for editors: `python -m tools.stack_schema [--check]`.

It completes keys, names of tunables, alerts and boards, and shows description, default and allowed values. What the
schema cannot express, such as a relation of two settings, only the preview checks.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from catalogue.codegen import write_or_check
from catalogue.loader import load
from catalogue.stack import OVERRIDABLE
from common.project import PROJECT
from dashboards.stack import BOARDS
from settings.credentials import CREDENTIALS, GRAFANA_OAUTH_CLIENT_SECRET, TEAM_ROUTING_KEYS
from settings.stack import StackSettings

FILE: Final = PROJECT / "docs" / "reference" / "stack.schema.json"
_REFERENCE: Final = PROJECT / "docs" / "reference" / "settings.md"
_ROW: Final = re.compile(r"^\| `(?P<key>[^`]+)` \| [^|]* \| [^|]* \| (?P<text>[^|]*) \|$", re.MULTILINE)
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_DEFINITION: Final = "#/$defs/"
_ENCRYPTED: Final = {"type": "object", "properties": {"secure": {"type": "string"}}, "required": ["secure"]}

Schema = dict[str, Any]


def stack_schema() -> Schema:
    """Return the schema of a stack file."""
    generated = StackSettings.model_json_schema(by_alias=True)
    settings: Schema = _plain(generated, generated["$defs"])
    _describe(settings, dict(reference_descriptions()))
    properties = settings["properties"]
    properties["alerts"]["properties"] |= {"tunables": _tunables(), "overrides": _overrides()}
    properties["dashboards"]["properties"]["boards"]["propertyNames"] = {"enum": sorted(board.uid for board in BOARDS)}
    credentials = {key: {"description": text, **_ENCRYPTED} for key, text in _credentials()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Stack file of the BAIS monitoring",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {f"monitoring:{name}": value for name, value in {**properties, **credentials}.items()},
                # The namespace has its default in Pulumi.yaml.
                "required": [f"monitoring:{name}" for name in settings["required"] if name != "namespace"],
                # Settings of the engine and of providers have other prefixes.
                "patternProperties": {"^(?!monitoring:)": True},
                "additionalProperties": False,
            }
        },
        "required": ["config"],
    }


def _plain(schema: Any, definitions: Mapping[str, Schema]) -> Any:
    """Return a schema with its definitions in place, because the same one has another description at each key.

    It has no derived titles, no defaults of whole sections, and no null, which no setting accepts.
    """
    if isinstance(schema, list):
        return [_plain(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = definitions[schema["$ref"].removeprefix(_DEFINITION)] | schema if "$ref" in schema else schema
    found = {key: _plain(value, definitions) for key, value in schema.items() if key not in ("$ref", "$defs")}
    if isinstance(found.get("title"), str):
        del found["title"]
    if found.get("default", "") is None or isinstance(found.get("default"), dict):
        del found["default"]
    if isinstance(found.get("description"), str):
        found["description"] = found["description"].partition("\n\n")[0]
    branches = [branch for branch in found.get("anyOf", ()) if branch != {"type": "null"}]
    if len(branches) == 1:
        del found["anyOf"]
        found = branches[0] | found
    return found


def reference_descriptions() -> Iterator[tuple[str, str]]:
    """Yield each key of the reference with its description."""
    for row in _ROW.finditer(_REFERENCE.read_text(encoding="utf-8")):
        yield row["key"], _LINK.sub(r"\1", row["text"]).replace("`", "").strip()


def _describe(schema: Schema, texts: Mapping[str, str], prefix: str = "") -> None:
    """Put the descriptions of the reference before the allowed values."""
    for name, value in schema.get("properties", {}).items():
        key = f"{prefix}{name}"
        if key in texts:
            value["description"] = ". ".join(filter(None, (texts[key], value.get("description"))))
        _describe(value, texts, f"{key}.")
        _describe(value.get("items", {}), texts, f"{key}[].")


def _tunables() -> Schema:
    properties = {
        name: {
            "type": "number",
            "minimum": tunable.minimum,
            "maximum": tunable.maximum,
            "default": tunable.default,
            "description": f"{tunable.purpose} ({tunable.unit})",
        }
        for name, tunable in load().tunables.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _overrides() -> Schema:
    properties = {
        name: {"type": "boolean" if name == "enabled" else "string", "description": f"Allowed: {allowed}."}
        for name, (_, allowed) in OVERRIDABLE.items()
    }
    fields = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"type": "object", "propertyNames": {"enum": sorted(load().alerts)}, "additionalProperties": fields}


def _credentials() -> Iterator[tuple[str, str]]:
    for credential in (*CREDENTIALS, GRAFANA_OAUTH_CLIENT_SECRET):
        yield credential.key, f"Encrypted by `pulumi config set --secret`. Allowed: {credential.format.allowed}."
    yield TEAM_ROUTING_KEYS, "Encrypted PagerDuty routing keys by team: docs/reference/secrets.md."


def current() -> str:
    """Return the current text of the file."""
    return json.dumps(stack_schema(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str] | None = None, file: Path = FILE) -> int:
    """Write the file, or with --check report whether it is current; return the exit status."""
    return write_or_check("tools.stack_schema", __doc__, "docs/reference", {file: current()}, arguments)


if __name__ == "__main__":
    sys.exit(main())
