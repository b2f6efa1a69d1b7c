"""Reader of `pulumi preview --json` with PULUMI_ENABLE_STREAMING_JSON_PREVIEW, one event of the engine per line.

The JSON without that variable has neither the violations of policies nor the unchanged resources.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from operations.preview_summary import model
from operations.preview_summary.model import Preview, PreviewError, Step

STREAMING: Final = "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"
SECRET: Final = "[secret]"

# How the engine marks a secret among plain values; the value itself is not in an event.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_COLOUR: Final = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_FAILED: Final = "preview failed"
_OPERATIONS: Final = {
    "same": model.SAME,
    "create": model.CREATE,
    "import": model.CREATE,
    "update": model.UPDATE,
    "delete": model.DELETE,
    "replace": model.REPLACE,
    "create-replacement": model.REPLACE,
    "delete-replaced": model.REPLACE,
    "import-replacement": model.REPLACE,
}


def read_preview(text: str, stack: str, source: str = "the preview") -> Preview:
    """Return the preview of a stack from the events in a text.

    Args:
        text: The events, one per line.
        stack: Name of the stack, if no event names it because the preview failed early.
        source: Name of the text in error messages.

    Raises:
        PreviewError: a line is not an event of the engine.
    """
    events = list(_events(text, source))
    steps = _steps(_payloads(events, "resourcePreEvent"))
    diagnostics = [each for each in _payloads(events, "diagnosticEvent") if not each.get("ephemeral")]
    policies = list(_payloads(events, "policyEvent"))
    violations = [_violation(each) for each in policies if each.get("enforcementLevel") == "mandatory"]
    errors = [_message(each) for each in diagnostics if each.get("severity") == "error"]
    # The last error of the engine repeats that others or violations made the preview fail.
    if len(errors) > 1 or violations:
        errors = [each for each in errors if each != _FAILED]
    result = next((each.get("result", "succeeded") for each in _payloads(events, "summaryEvent")), None)
    if result is None and not errors:
        errors.append("the preview ended without a result")
    if result not in (None, "succeeded") and not errors and not violations:
        errors.append(f"the preview {result}, and the engine names no reason")
    return Preview(
        stack=next((urn.split("::")[0].rpartition(":")[2] for urn in _urns(events)), stack),
        steps=steps,
        errors=tuple(dict.fromkeys(errors)),
        violations=tuple(dict.fromkeys(violations)),
        warnings=(
            *dict.fromkeys(_message(each) for each in diagnostics if each.get("severity") == "warning"),
            *dict.fromkeys(_violation(each) for each in policies if each.get("enforcementLevel") != "mandatory"),
        ),
    )


def recorded_preview(file: Path) -> Preview:
    """Return the preview in a file; a missing or damaged file is a failed preview, next to those of other stacks."""
    try:
        return read_preview(file.read_text(encoding="utf-8", errors="replace"), file.stem, file.name)
    except FileNotFoundError:
        return Preview(stack=file.stem, steps=(), errors=(f"no preview was recorded ({file.name} is missing)",))
    except PreviewError as error:
        return Preview(stack=file.stem, steps=(), errors=(str(error),))


def error_event(message: str) -> str:
    """Return an error of the engine as an event, for a preview that failed before its first event."""
    return json.dumps({"diagnosticEvent": {"severity": "error", "message": message}})


def _events(text: str, source: str) -> Iterator[Mapping[str, Any]]:
    if text.lstrip().startswith("{\n"):
        raise PreviewError(
            f"{source}: found a preview in one JSON object; run it with {STREAMING}=true, as `make preview` does"
        )
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or not any(name.endswith("Event") for name in event):
            raise PreviewError(
                f"{source}: line {number} is not an event of the engine; allowed: one JSON event per line"
            )
        yield event


def _payloads(events: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    return (event[kind] for event in events if isinstance(event.get(kind), dict))


def _urns(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (str(each["metadata"]["urn"]) for each in _payloads(events, "resourcePreEvent"))


def _steps(events: Iterable[Mapping[str, Any]]) -> list[Step]:
    """Return one step per resource; a replacement has several events, and so has a refresh."""
    found: dict[str, Step] = {}
    for event in events:
        metadata = event["metadata"]
        # A refresh only reads; its results are in the steps that follow.
        if operation := _OPERATIONS.get(metadata["op"]):
            step = _step(operation, metadata)
            found[metadata["urn"]] = _merged(found.get(metadata["urn"]), step)
    return list(found.values())


def _step(operation: str, metadata: Mapping[str, Any]) -> Step:
    urn, old, new = str(metadata["urn"]), metadata.get("old"), metadata.get("new")
    return Step(
        operation=operation,
        type=urn.split("::")[-2].rpartition("$")[2],
        name=urn.rpartition("::")[2],
        old=_plain(old.get("inputs") or {}) if old else None,
        new=_plain(new.get("inputs") or {}) if new else None,
        is_retained=bool(old and old.get("retainOnDelete")),
        reasons=tuple(metadata.get("keys") or ()),
    )


def _merged(earlier: Step | None, step: Step) -> Step:
    """Return one step of two events of a replacement."""
    if earlier is None:
        return step
    return replace(
        step,
        old=step.old or earlier.old,
        new=step.new or earlier.new,
        is_retained=step.is_retained or earlier.is_retained,
        reasons=step.reasons or earlier.reasons,
    )


def _plain(value: Any) -> Any:
    """Return a value with a mark in place of each secret."""
    if isinstance(value, dict):
        return SECRET if _SIGNATURE in value else {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _message(diagnostic: Mapping[str, Any]) -> str:
    name = str(diagnostic.get("urn") or "").rpartition("::")[2]
    text = _COLOUR.sub("", str(diagnostic.get("message") or "")).strip()
    return f"{name}: {text}" if name else text


def _violation(event: Mapping[str, Any]) -> str:
    # The engine puts the description of the policy before the message of the violation.
    lines = _COLOUR.sub("", str(event.get("message") or "")).strip().splitlines()
    return f"{event.get('policyName')}: {lines[-1].strip() if lines else ''}"
