"""Settings of namespaces that existed before the stack, and the check of the names that a stack may use."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from common.problems import Problem
from settings.base import SettingsModel
from settings.fields import NODE_EXPORTER_SUFFIX, Name
from settings.network import NAMESPACE_LIST

# Namespaces of the cluster itself. Network policies and pod security of the stack would stop its components.
_OF_THE_CLUSTER: Final = re.compile(r"default|kube-.*|openshift(-.*)?")
_KEY: Final = "monitoring:namespace"
_SECRETS_KEY: Final = "monitoring:operator.secretNamespaces"


class NamespacesSettings(SettingsModel):
    """The namespaces with objects of others that the stack may use nevertheless."""

    adopt: Annotated[tuple[Name, ...], NAMESPACE_LIST] = ()


def namespace_problems(sections: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of the stack's namespaces, from its valid sections by field name."""
    namespace: str | None = sections.get("namespace")
    if namespace is None:
        return []
    own = (namespace, f"{namespace}{NODE_EXPORTER_SUFFIX}")
    problems = []
    if _OF_THE_CLUSTER.fullmatch(namespace):
        allowed = "a namespace of its own, not default, kube-* or openshift-*"
        problems.append(Problem(_KEY, f"{namespace}, a namespace of the cluster itself", allowed))
    uses = dict(_uses(sections))
    problems += [
        Problem(_KEY, f"{name}, but {uses[name]} names it", "a namespace that no other setting names")
        for name in own
        if name in uses
    ]
    adopted = getattr(sections.get("namespaces"), "adopt", ())
    return problems + [
        Problem(f"monitoring:namespaces.adopt[{index}]", name, f"a namespace of the stack: {' or '.join(own)}")
        for index, name in enumerate(adopted)
        if name not in own
    ]


def secret_namespace_problems(sections: Mapping[str, Any]) -> list[Problem]:
    """Return the problems of the namespaces whose Secrets the operator reads, from the valid sections."""
    operator = sections.get("operator")
    names: tuple[str, ...] = getattr(operator, "secret_namespaces", ())
    if names and not getattr(operator, "enabled", True):
        found = f"{', '.join(names)} with operator.enabled: false"
        return [Problem(_SECRETS_KEY, found, "none: the owner of the other operator grants it access to Secrets")]
    own = sections.get("namespace")
    problems = []
    for index, name in enumerate(names):
        if name in names[:index]:
            problems.append(Problem(f"{_SECRETS_KEY}[{index}]", f"{name}, listed twice", "each namespace once"))
        elif name == own or _OF_THE_CLUSTER.fullmatch(name):
            problems.append(Problem(f"{_SECRETS_KEY}[{index}]", name, "a namespace of another team"))
    return problems


def _uses(sections: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each namespace of others that the settings name, with the key."""
    for index, service in enumerate(sections.get("services") or ()):
        yield service.namespace, f"services[{index}].namespace"
    if network := sections.get("network"):
        for key, names in (("clients", network.clients), ("ingressNamespaces", network.ingress_namespaces)):
            yield from ((name, f"network.{key}") for name in names)
