"""Adoption of objects that exist already: those of a stack whose state was lost, and claims of a StatefulSet."""

from collections.abc import Mapping
from typing import Final

# Lets the provider replace fields of another field manager. Each state has its own, and an object may have fields that
# differ from the applied ones, because the API server has added defaults to them.
ADOPT_EXISTING: Final[Mapping[str, str]] = {"pulumi.com/patchForce": "true"}
