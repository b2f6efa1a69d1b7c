"""Objects of other teams in files, and their problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from catalogue.platform import CATALOGUE_LABEL
from common.problems import Problem
from common.yaml_files import LARGEST_FILE, InvalidFileError, read_text
from manifests.scrape_limits import monitor_limits
from policy.discovery import has_routing_labels
from policy.model import OPERATOR, Resource
from preflight.rendered_files import rule_problems
from settings.stack import StackSettings

RULE: Final = "PrometheusRule"
ROUTE: Final = "AlertmanagerConfig"
_MONITORS: Final = ("ServiceMonitor", "PodMonitor", "Probe")
_KINDS: Final = (RULE, ROUTE, *_MONITORS)


@dataclass(frozen=True)
class TeamObject:
    """An object in a file.

    Attributes:
        file: Name of the file.
        content: The object as in the file.
    """

    file: str
    content: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Return the kind; empty if it has none."""
        return str(self.content.get("kind") or "")

    @property
    def namespace(self) -> str:
        """Return the namespace; empty if it has none."""
        return str(self._metadata.get("namespace") or "")

    @property
    def name(self) -> str:
        """Return the name; empty if it has none."""
        return str(self._metadata.get("name") or "")

    @property
    def labels(self) -> Mapping[str, Any]:
        """Return the labels of the object."""
        found = self._metadata.get("labels")
        return found if isinstance(found, Mapping) else {}

    @property
    def spec(self) -> Mapping[str, Any]:
        """Return the spec; empty if it has none."""
        found = self.content.get("spec")
        return found if isinstance(found, Mapping) else {}

    @property
    def title(self) -> str:
        """Return file, kind, namespace and name."""
        return f"{self.file}: {self.kind or 'object without a kind'} {self.namespace or '?'}/{self.name or '?'}"

    @property
    def _metadata(self) -> Mapping[str, Any]:
        found = self.content.get("metadata")
        return found if isinstance(found, Mapping) else {}

    def rules(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rules of a PrometheusRule."""
        for group in self.spec.get("groups") or ():
            yield from (group.get("rules") or ()) if isinstance(group, Mapping) else ()


def read_objects(files: Iterable[Path]) -> tuple[list[TeamObject], list[Problem]]:
    """Return the objects in YAML files, which may have several documents each, and the problems of the files."""
    objects, problems = [], []
    for file in files:
        try:
            documents = [each for each in yaml.load_all(read_text(file), yaml.CSafeLoader) if each is not None]
        except InvalidFileError as error:
            problems.append(Problem(file.name, error.found, error.allowed))
        except yaml.YAMLError as error:
            problems.append(Problem(file.name, " ".join(str(error).split()), "valid YAML"))
        else:
            found = [each for each in documents if isinstance(each, Mapping)]
            if len(found) < len(documents) or not found:
                problems.append(Problem(file.name, "no object of Kubernetes", f"objects, {LARGEST_FILE // 1024} KiB"))
            objects += [TeamObject(file.name, each) for each in found]
    return objects, problems


def object_problems(each: TeamObject, settings: StackSettings) -> Iterator[Problem]:
    """Yield what keeps an object from having an effect in a stack, or from notifying its team."""
    if each.kind not in _KINDS:
        yield Problem(f"{each.title}: kind", each.kind or "nothing", ", ".join(_KINDS))
        return
    for field, found in (("namespace", each.namespace), ("name", each.name)):
        if not found:
            yield Problem(f"{each.title}: metadata.{field}", "nothing", "a name")
    for label, value in settings.selector.items():
        if each.labels.get(label) != value:
            found = str(each.labels.get(label, "nothing"))
            yield Problem(f"{each.title}: metadata.labels.{label}", found, f"{value}; other objects are ignored")
    if each.kind == RULE:
        yield from _rule_problems(each)
    elif each.kind == ROUTE:
        yield from _route_problems(each, settings)
    else:
        yield from _monitor_problems(each, settings)


def _rule_problems(each: TeamObject) -> Iterator[Problem]:
    resource = Resource(type=f"kubernetes:{OPERATOR}/v1:{RULE}", name=each.name, properties=each.content)
    for problem in has_routing_labels(resource, ""):
        yield Problem(f"{each.title}: {problem.key}", problem.found, problem.allowed)
    label, value = CATALOGUE_LABEL
    for rule in each.rules():
        if (rule.get("labels") or {}).get(label) == value:
            name = rule.get("alert") or rule.get("record")
            yield Problem(
                f"{each.title}: {name}.labels.{label}", value, "no such label: it marks the platform's alerts"
            )
    for problem in rule_problems({"rules": each.spec}):
        yield Problem(each.title, problem.found, problem.allowed)


def _route_problems(each: TeamObject, settings: StackSettings) -> Iterator[Problem]:
    readable = {settings.namespace, *settings.operator.secret_namespaces}
    if each.namespace not in readable:
        allowed = f"{', '.join(sorted(readable))}; ask for operator.secretNamespaces in a pull request"
        yield Problem(f"{each.title}: metadata.namespace", each.namespace or "nothing", allowed)
    receivers = [receiver.get("name") for receiver in each.spec.get("receivers") or ()]
    for receiver in _receivers_of(each.spec.get("route") or {}):
        if receiver not in receivers:
            yield Problem(f"{each.title}: spec.route.receiver", receiver, f"one of {', '.join(map(str, receivers))}")


def _receivers_of(route: Mapping[str, Any]) -> Iterator[str]:
    if "receiver" in route:
        yield str(route["receiver"])
    for child in route.get("routes") or ():
        yield from _receivers_of(child)


def _monitor_problems(each: TeamObject, settings: StackSettings) -> Iterator[Problem]:
    limits = settings.prometheus.scrape_limits.teams
    for field, most in monitor_limits(limits).items():
        found = each.spec.get(field)
        if isinstance(found, int) and found > most:
            yield Problem(f"{each.title}: spec.{field}", str(found), f"at most {most}")
