"""Prometheus and Alertmanager of the previous stack, with their storage."""

from __future__ import annotations

from collections.abc import Iterator

from common.words import counted
from operations.adopt.history import configured_source, source_labels
from operations.adopt.model import Finding, Outcome, PreviousStack
from preflight.cluster_state import KubernetesObject, qualified
from settings.stack import StackSettings


def prometheuses(previous: PreviousStack, settings: StackSettings) -> Iterator[Finding]:
    """Yield each Prometheus with its size, retention and storage."""
    for item in previous.prometheuses:
        specification = item["spec"]
        retention = " and ".join(
            str(each) for each in (specification.get("retention", "24h"), specification.get("retentionSize")) if each
        )
        text = f"{qualified(item)}: {_size(item)}, retention {retention}, {_storage('prometheus', item, previous)}"
        if not source_labels(item):
            action = "set prometheusExternalLabelName or externalLabels in it: queries name its series by that label"
            yield Finding(section="prometheus", outcome=Outcome.BLOCKS, text=text, action=action)
            continue
        source = configured_source(item, settings.prometheus.remote_read)
        action = "" if source else "set prometheus.remoteRead as below"
        yield Finding(
            section="prometheus", outcome=Outcome.KEPT, text=f"{text}; stays until you remove it", action=action
        )


def alertmanagers(previous: PreviousStack) -> Iterator[Finding]:
    """Yield each Alertmanager with its size and storage."""
    for item in previous.alertmanagers:
        text = f"{qualified(item)}: {_size(item)}, {_storage('alertmanager', item, previous)}"
        yield Finding(section="alertmanager", outcome=Outcome.KEPT, text=f"{text}; muted by step 5")


def _size(item: KubernetesObject) -> str:
    specification = item["spec"]
    shards = int(specification.get("shards") or 1)
    text = counted(int(specification.get("replicas", 1)), "replica")
    return f"{text} of {counted(shards, 'shard')}" if shards > 1 else text


def claims_of(kind: str, item: KubernetesObject, previous: PreviousStack) -> list[KubernetesObject]:
    """Return the volume claims of the pods of a resource."""
    part = f"-db-{kind}-{item['metadata']['name']}-"
    return [claim for claim in previous.claims if part in claim["metadata"]["name"]]


def _storage(kind: str, item: KubernetesObject, previous: PreviousStack) -> str:
    claims = claims_of(kind, item, previous)
    if not claims:
        return "no volume (its data is lost with its pod: do not restart it)"
    sizes = {
        f"{(each['status'].get('capacity') or each['spec']['resources']['requests'])['storage']} of class "
        f"{each['spec'].get('storageClassName', 'default')}"
        for each in claims
    }
    return f"{counted(len(claims), 'claim')}, {', '.join(sorted(sizes))}"
