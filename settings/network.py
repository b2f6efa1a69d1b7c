"""Who may reach the stack over the network."""

from typing import Annotated, Final

from pydantic import BeforeValidator

from settings.base import SettingsModel
from settings.fields import Flag, Name, refuse


def _listed(value: object) -> object:
    if not isinstance(value, list):
        raise refuse("a list of namespaces such as [team-a, team-b]")
    return tuple(value)


_LIST: Final = BeforeValidator(_listed)


class NetworkSettings(SettingsModel):
    """Whether the pods' connections are limited to those that they need, and whom else they may be reached by."""

    policies: Flag = True
    clients: Annotated[tuple[Name, ...], _LIST] = ()
    ingress_namespaces: Annotated[tuple[Name, ...], _LIST] = ()
