"""A shell on the node of the demo platform, as those who follow a runbook have it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from common.project import PROJECT
from local.demo.platform import Demo
from local.nodes.layout import NodeLayout
from local.tools.toolset import binary
from tests.cluster.runbook_objects import kubeconfig_with_certificate
from tests.cluster.runbook_steps import Step

# Seconds until a command fails.
TIMEOUT: Final = 60
_DEBUG: Final = "kubectl debug "
_DEBUG_POD: Final = re.compile(r"Creating debugging pod (?P<name>\S+)")
_EXIT_CODE: Final = "{.status.containerStatuses[0].state.terminated.exitCode}"


class Shell:
    """A shell with the tools and the network of the node.

    Args:
        demo: The demo platform.
        folder: Empty folder, the working directory.
    """

    def __init__(self, demo: Demo, folder: Path) -> None:
        self.folder = folder
        self.layout = NodeLayout(demo.control_plane.state)
        programs = folder / "programs"
        programs.mkdir()
        for name in ("kubectl", "helm"):
            with contextlib.suppress(OSError):
                if binary(name).exists():
                    (programs / name).symlink_to(binary(name))
        kubeconfig = folder / "kubeconfig"
        kubeconfig_with_certificate(demo, kubeconfig)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = os.environ | {
            "KUBECONFIG": str(kubeconfig),
            "PATH": path,
            "PYTHONPATH": str(PROJECT),
        }

    def run(self, text: str, variables: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the network of the node; after TIMEOUT it fails.

        `kubectl debug` succeeds although the command in its pod fails, and may miss the output of a short command: its
        result is that of the pod.
        """
        command = [*self.layout.nsenter("net"), "timeout", str(TIMEOUT), "bash", "-c", text]
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **variables},
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if not text.startswith(_DEBUG):
            return result
        pod = _DEBUG_POD.search(result.stdout + result.stderr)
        assert pod, result.stderr
        wait = (
            f"kubectl wait pod/{pod['name']} --timeout={TIMEOUT}s --for=jsonpath={_EXIT_CODE} -o jsonpath={_EXIT_CODE}"
        )
        code = self.run(wait, {}).stdout
        log = self.run(f"kubectl logs {pod['name']}", {}).stdout
        return subprocess.CompletedProcess(result.args, int(code or -1), log, result.stderr)

    @contextlib.contextmanager
    def forwarding(self, step: Step) -> Iterator[str]:
        """Run a port forwarding while the context lasts; yield its error, empty if it listens."""
        command = [*self.layout.nsenter("net"), "bash", "-c", f"exec {step.line}"]
        with (
            subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | dict(step.variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            ) as process,
        ):
            assert process.stdout is not None
            watchdog = threading.Timer(TIMEOUT, process.kill)
            watchdog.start()
            try:
                first = process.stdout.readline()
                yield "" if first.startswith("Forwarding from") else first.strip() or "no output"
            finally:
                watchdog.cancel()
                process.terminate()
