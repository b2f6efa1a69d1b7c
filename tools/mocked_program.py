"""Run of the whole program with Pulumi mocks."""

import asyncio
import contextvars
import json
import runpy
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final
from unittest import mock

import pulumi
from pulumi.runtime import mocks

from common.exporters import EXPORTERS
from common.project import PROJECT
from settings.credentials import CREDENTIALS, GRAFANA_OAUTH_CLIENT_SECRET, required_in_config, supported_credentials
from settings.list_checks import as_mapping
from settings.loader import RawConfig
from settings.sources import from_file
from tools.canaries import canary
from verification.model import ClusterPlan
from verification.verify import Verified

Verify = Callable[[ClusterPlan, Callable[[str], None]], Verified]

STACKS: Final = sorted(file.name.split(".")[1] for file in PROJECT.glob("Pulumi.*.yaml"))
# Those with every component; a stack of `make init` has no databases, and maybe no services.
COMPLETE_STACKS: Final = ("local", "prod", "staging")

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A resource that the program registers.

    Attributes:
        type: Resource type.
        name: Logical name.
        parent: URN of the parent.
        provider: Reference of the provider.
        inputs: Inputs with `<secret>` instead of secret values.
        decrypted: Inputs with secret values.
        dependencies: Resources on which it depends.
        timeouts: Timeouts for creation and update.
        qualified: URN without stack and project.
        protected: Whether it is protected.
        retained: Whether it is retained when the stack is destroyed.
        ignored: Properties whose changes are ignored.
    """

    type: str
    name: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    decrypted: Mapping[str, Any]
    dependencies: frozenset[str]
    timeouts: tuple[str, str]
    qualified: str
    protected: bool
    retained: bool
    ignored: frozenset[str]


@dataclass
class Run:
    """Result of a run: registered resources and stack outputs."""

    resources: list[Registration] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def of_type(self, kind: str) -> list[Registration]:
        """Return the resources of a type."""
        return [resource for resource in self.resources if resource.type == kind]

    def one(self, kind: str, name: str) -> Registration:
        """Return the only resource with this type and logical name."""
        (found,) = (resource for resource in self.of_type(kind) if resource.name == name)
        return found


class _Echo(mocks.Mocks):
    """Mock of every provider: the outputs of a resource are its inputs."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", args.inputs

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        if args.token == "pulumi:pulumi:readStackOutputs":
            return {"outputs": {}}, []
        raise AssertionError(f"unexpected call of the provider function {args.token}")


class _Recorder(mocks.MockMonitor):
    """A stand-in for the engine that keeps each request."""

    def __init__(self, run: Run) -> None:
        super().__init__(_Echo())
        self._run = run

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        if request.type != "pulumi:pulumi:Stack":
            self._run.resources.append(
                Registration(
                    type=request.type,
                    name=request.name,
                    parent=request.parent.rsplit("::", 1)[-1],
                    provider=request.provider,
                    inputs=_secrets(_plain(request.object), decrypted=False),
                    decrypted=_secrets(_plain(request.object), decrypted=True),
                    dependencies=frozenset(urn.rsplit("::", 1)[-1] for urn in request.dependencies),
                    timeouts=(request.customTimeouts.create, request.customTimeouts.update),
                    qualified=self._qualified(request),
                    protected=request.protect,
                    retained=request.retainOnDelete,
                    ignored=frozenset(request.ignoreChanges),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def _qualified(self, request: Any) -> str:
        urn: str = self.make_urn(request.parent, request.type, request.name)
        # The engine leaves the stack out of the types on the way to a resource; these mocks do not.
        return urn.split("::", 2)[2].removeprefix("pulumi:pulumi:Stack$")


def _plain(message: Any) -> Any:
    """Return a protobuf Struct or Value as plain Python values."""
    if hasattr(message, "fields"):
        return {key: _plain(value) for key, value in message.fields.items()}
    kind = message.WhichOneof("kind")
    value = getattr(message, kind)
    if kind == "struct_value":
        return _plain(value)
    if kind == "list_value":
        return [_plain(item) for item in value.values]
    return None if kind == "null_value" else value


def _secrets(value: Any, *, decrypted: bool) -> Any:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return _secrets(value["value"], decrypted=True) if decrypted else "<secret>"
        return {key: _secrets(item, decrypted=decrypted) for key, item in value.items()}
    if isinstance(value, list):
        return [_secrets(item, decrypted=decrypted) for item in value]
    return value


def configuration(stack: str, charts: str) -> RawConfig:
    """Return the configuration of a stack with other charts and all secrets."""
    raw = from_file(PROJECT / f"Pulumi.{stack}.yaml", PROJECT / "Pulumi.yaml")
    return RawConfig(
        stack=stack,
        values={**raw.values, "charts": {"source": charts}},
        secrets=frozenset(credential.key for credential in required_in_config(raw.values["notifications"])),
    )


def with_every_exporter(raw: RawConfig) -> RawConfig:
    """Return a configuration with each exporter enabled that runs once per stack."""
    keys = [exporter.key for exporter in EXPORTERS if not exporter.per_server]
    enabled = {key: {**as_mapping(raw.values.get(key)), "enabled": True} for key in keys}
    return replace(raw, values={**raw.values, **enabled})


def run_program(
    written: RawConfig, *, preview: bool = False, done: Run | None = None, verify: Verify = lambda *_: Verified()
) -> Run:
    """Run `__main__.py` with a configuration; encrypted secrets get canary values.

    `verify` replaces the verification of the cluster.
    """
    done = done or Run()
    with mock.patch("components.verification.verify", verify):
        contextvars.copy_context().run(_run, written, preview, done)
    return done


def _run(written: RawConfig, preview: bool, done: Run) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # Each thread of the SDK needs an event loop, which is closed below.
    loops = [loop]
    threads = ThreadPoolExecutor(initializer=lambda: _open_loop(loops))
    loop.set_default_executor(threads)
    try:
        secrets = _encrypted(written)
        values = {f"monitoring:{key}": _text(value) for key, value in {**written.values, **secrets}.items()}
        pulumi.runtime.set_all_config(values, [f"monitoring:{key}" for key in secrets])
        mocks.set_mocks(_Echo(), project="monitoring", stack=written.stack, preview=preview, monitor=_Recorder(done))
        mocks.test(lambda: runpy.run_path(str(PROJECT / "__main__.py")) and None)()  # type: ignore[no-untyped-call]
        root = pulumi.runtime.settings.get_root_resource()
        done.outputs = dict(getattr(root, "outputs", {}))
    finally:
        threads.shutdown()
        asyncio.set_event_loop(None)
        for each in loops:
            each.close()


def _open_loop(loops: list[asyncio.AbstractEventLoop]) -> None:
    loops.append(asyncio.new_event_loop())
    asyncio.set_event_loop(loops[-1])


def _encrypted(written: RawConfig) -> dict[str, object]:
    """Return the values of the encrypted keys in the format of the engine."""
    credentials = (*supported_credentials(written.values.get("notifications")), GRAFANA_OAUTH_CLIENT_SECRET)
    canaries = {credential.key: canary(credential) for credential in credentials}
    found: dict[str, Any] = {}
    for key in written.secrets:
        name, _, entry = key.partition(".")
        value = written.decrypted.get(key, canaries.get(key, ""))
        found[name] = {**found.get(name, {}), entry: value} if entry else value
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def credential_keys() -> frozenset[str]:
    """Return the configuration keys of all credentials."""
    return frozenset(credential.key for credential in CREDENTIALS)
