"""Resource requests and limits of a pod."""

import json
from collections.abc import Mapping
from typing import Self

from pydantic import model_validator

from common.quantities import parse_quantity
from settings.base import SettingsModel
from settings.fields import Bytes, Cores
from settings.validators import invalid_value


class Requests(SettingsModel):
    """Resource requests of a pod."""

    cpu: Cores = "100m"
    memory: Bytes = "128Mi"


class Limits(SettingsModel):
    """Resource limits of a pod. No CPU limit: throttling would delay scrapes and alerts under load."""

    memory: Bytes = "512Mi"


class Resources(SettingsModel):
    """Resource requests and limits of a pod."""

    requests: Requests = Requests()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _check_memory(self) -> Self:
        if parse_quantity(self.requests.memory) > parse_quantity(self.limits.memory):
            raise invalid_value(
                f"limits.memory ({self.limits.memory}) or less",
                key="requests.memory",
                found=json.dumps(self.requests.memory),
            )
        return self

    @property
    def specification(self) -> dict[str, Mapping[str, str]]:
        """Return the `resources` of a container."""
        return {"requests": self.requests.model_dump(), "limits": self.limits.model_dump()}
