"""Release records of Helm: one Secret per revision."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from manifests.charts import RELEASED

# As printed by kubectl.
Record = Mapping[str, Any]
# Namespace and name of a release.
Release = tuple[str, str]


@dataclass(frozen=True)
class RecordChange:
    """A change of a record with which Helm would refuse the next deployment.

    Attributes:
        record: The record.
        replacement: What replaces it; None if it is deleted.
    """

    record: Record
    replacement: Record | None

    @property
    def description(self) -> str:
        """The record, its release and its status."""
        metadata = self.record["metadata"]
        return f"Helm record {metadata['name']} of an interrupted release ({metadata['labels']['status']})"

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments of kubectl that make the change, with `text` as its input."""
        if self.replacement is not None:
            return ("replace", "--filename=-")
        metadata = self.record["metadata"]
        return ("delete", "secret", metadata["name"], f"--namespace={metadata['namespace']}", "--ignore-not-found")

    @property
    def text(self) -> str | None:
        """Input of kubectl; None if it reads none."""
        return None if self.replacement is None else json.dumps(self.replacement)


def record_changes(records: Iterable[Record], in_state: Collection[Release]) -> Iterator[RecordChange]:
    """Yield the changes that let the engine deploy the releases of this project again.

    - A record of a release that is not in the state is deleted: Helm would refuse to install it, "cannot re-use a
      name". The objects of the release stay; Helm adopts them by their annotations.
    - A pending revision of a release in the state is marked as failed, as Helm itself does: it would refuse to upgrade
      it, "another operation is in progress", and the next upgrade needs a previous revision.
    """
    for record in records:
        labels = record["metadata"]["labels"]
        if not any(chart.has_release(labels["name"]) for chart in RELEASED):
            continue
        if (record["metadata"]["namespace"], labels["name"]) not in in_state:
            yield RecordChange(record, None)
        elif labels["status"].startswith("pending-"):
            yield RecordChange(record, with_status(record, "failed"))


def with_status(record: Record, status: str) -> dict[str, Any]:
    """Return the record with another status, in its label and in its content.

    The format is that of Helm 3 (pkg/storage/driver): JSON, gzip, base64, and base64 again as data of a Secret.
    """
    release = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(record["data"]["release"]))))
    release["info"]["status"] = status
    encoded = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    metadata = {**record["metadata"], "labels": {**record["metadata"]["labels"], "status": status}}
    return {**record, "metadata": metadata, "data": {"release": base64.b64encode(encoded).decode()}}
