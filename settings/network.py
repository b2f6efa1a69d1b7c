"""Settings of the network policies."""

from typing import Annotated, Final

from pydantic import BeforeValidator

from settings.base import SettingsModel
from settings.fields import Flag, Name
from settings.validators import invalid_value


def _namespaces_to_tuple(value: object) -> object:
    if not isinstance(value, list):
        raise invalid_value("a list of namespaces such as [team-a, team-b]")
    return tuple(value)


NAMESPACE_LIST: Final = BeforeValidator(_namespaces_to_tuple)


class NetworkSettings(SettingsModel):
    """The network policies, and the namespaces of clients and ingress controllers that they let in."""

    policies: Flag = True
    clients: Annotated[tuple[Name, ...], NAMESPACE_LIST] = ()
    ingress_namespaces: Annotated[tuple[Name, ...], NAMESPACE_LIST] = ()
