"""The engine's stack and encryption, in a folder of their own until the stack file is complete."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from common.project import PROJECT
from common.yaml_files import read_yaml
from local.tools.toolset import binary
from settings.credentials import Credential
from settings.sources import PROJECT_NAME

# Keys of a stack file with which the engine decrypts its values.
_ENCRYPTION: Final = ("secretsprovider", "encryptedkey", "encryptionsalt")


class EngineError(Exception):
    """The engine refused a command; the message is its own, or says what to do first."""


class Engine:
    """A stack of the engine, with the user's login; its file is in `folder`."""

    def __init__(self, stack: str, folder: Path) -> None:
        """Create the folder, without what an interrupted run left."""
        self._stack, self._folder, self._environment = stack, folder, dict[str, str]()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copy2(PROJECT / "Pulumi.yaml", folder)

    def check(self) -> None:
        """Raise EngineError without a login, or if the stack has resources, whose settings were in another file."""
        try:
            stacks = json.loads(self._run("stack", "ls", "--json"))
        except EngineError as error:
            hint = "log in first: pulumi login <backend>, such as `pulumi login --local`"
            raise EngineError(f"{error}\n{hint}") from None
        for stack in stacks:
            if stack["name"].rpartition("/")[2] == self._stack and stack.get("resourceCount"):
                raise EngineError(
                    f"stack {self._stack} is deployed, but Pulumi.{self._stack}.yaml is missing: "
                    f"restore the file from Git, or with `pulumi config refresh --stack {self._stack}`"
                )

    def create(self, provider: str, passphrase: str | None) -> None:
        """Create the stack, unless an interrupted run has; EngineError if the engine cannot.

        Without a passphrase, the engine uses that of the user's variables.
        """
        if passphrase is not None:
            self._environment["PULUMI_CONFIG_PASSPHRASE"] = passphrase
        self._run("stack", "select", "--create", self._stack, "--secrets-provider", provider)

    def encrypt(self, credential: Credential, value: str) -> None:
        """Set a secret, which the engine reads from its standard input; EngineError if it cannot."""
        key = f"{PROJECT_NAME}:{credential.key}"
        self._run("config", "set", "--secret", key, "--stack", self._stack, text=value)

    def encrypted(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the encrypted values by key, and what the engine needs to decrypt them."""
        file = self._folder / f"Pulumi.{self._stack}.yaml"
        content: Mapping[str, Any] = (read_yaml(file) if file.exists() else {}) or {}
        values = {key.removeprefix(f"{PROJECT_NAME}:"): each for key, each in (content.get("config") or {}).items()}
        return values, {key: content[key] for key in _ENCRYPTION if key in content}

    def close(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, *arguments: str, text: str = "") -> str:
        done = subprocess.run(
            [str(binary("pulumi")), *arguments, "--non-interactive"],
            cwd=self._folder,
            env=os.environ | self._environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EngineError(f"`pulumi {' '.join(arguments[:2])}` failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout
