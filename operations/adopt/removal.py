"""Commands that remove what is left of the previous stack; they are only printed."""

from __future__ import annotations

from collections.abc import Iterator

from operations.adopt.history import configured_source
from operations.adopt.instances import claims_of
from operations.adopt.migration import Migration
from operations.adopt.model import some


def removal(migration: Migration) -> Iterator[str]:
    """Yield the lines about the removal, in the order of the commands."""
    previous = migration.previous
    if migration.still_paged:
        yield f"not yet: the previous stack is the only one that notifies for {some(migration.still_paged, most=8)}"
    retention = ", ".join(str(each["spec"].get("retention", "24h")) for each in previous.prometheuses)
    yield f"wait until its history is not needed any more (retention {retention}), or keep it"
    names = [
        source.name
        for item in previous.prometheuses
        if (source := configured_source(item, migration.settings.prometheus.remote_read))
    ]
    if names:
        yield f"remove {', '.join(names)} from prometheus.remoteRead, then: make deploy STACK={migration.stack}"
    context = migration.plan.cluster.context
    if previous.release:
        option = f" --kube-context {context}" if context else ""
        yield f"helm uninstall {previous.release} --namespace {previous.namespace}{option}   # the CRDs stay"
    else:
        yield f"remove the objects of namespace {previous.namespace} as they were installed; keep the CRDs"
    claims = [
        claim["metadata"]["name"]
        for kind, items in (("prometheus", previous.prometheuses), ("alertmanager", previous.alertmanagers))
        for item in items
        for claim in claims_of(kind, item, previous)
    ]
    if claims:
        option = f" --context {context}" if context else ""
        yield f"kubectl{option} -n {previous.namespace} delete pvc {' '.join(claims)}   # deletes the data"
