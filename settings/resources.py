"""What a pod is promised and may not exceed, as a stack sets it."""

import json
from collections.abc import Mapping
from typing import Self

from pydantic import model_validator

from common.quantities import parse_quantity
from settings.base import SettingsModel
from settings.fields import Bytes, Cores, refuse


class Requests(SettingsModel):
    """What a pod is promised."""

    cpu: Cores = "100m"
    memory: Bytes = "128Mi"


class Limits(SettingsModel):
    """What a pod may not exceed. No processor limit: throttled monitoring is blind when it matters."""

    memory: Bytes = "512Mi"


class Resources(SettingsModel):
    """A pod's requests and limits."""

    requests: Requests = Requests()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if parse_quantity(self.requests.memory) > parse_quantity(self.limits.memory):
            raise refuse(
                f"limits.memory ({self.limits.memory}) or less",
                key="requests.memory",
                found=json.dumps(self.requests.memory),
            )
        return self

    @property
    def specification(self) -> dict[str, Mapping[str, str]]:
        """The `resources` of a container."""
        return {"requests": self.requests.model_dump(), "limits": self.limits.model_dump()}
