"""Release records of Helm: one Secret per revision."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from typing import Any


def with_status(record: Mapping[str, Any], status: str) -> dict[str, Any]:
    """Return the record with another status, in its label and in its content.

    The format is that of Helm 3 (pkg/storage/driver): JSON, gzip, base64, and base64 again as data of a Secret.
    """
    release = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(record["data"]["release"]))))
    release["info"]["status"] = status
    encoded = base64.b64encode(gzip.compress(json.dumps(release).encode()))
    metadata = {**record["metadata"], "labels": {**record["metadata"]["labels"], "status": status}}
    return {**record, "metadata": metadata, "data": {"release": base64.b64encode(encoded).decode()}}
