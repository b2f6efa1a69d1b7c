"""Holder of the namespaces of a real node, which forwards its ports.

    python -m local.nodes.namespaces STATE PORT ...

The namespaces exist as long as a process is in them and have no names on disk, so none can be left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

from local.nodes.layout import NODE_ADDRESS, NodeLayout
from local.private_files import write_private

# The kubelet would set these values for the whole machine. It finds them already set in the mount namespace instead.
SYSCTLS: Final = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def main() -> None:
    """Open the ports on the host and forward them from new namespaces."""
    layout, words = NodeLayout(Path(sys.argv[1])), sys.argv[2:]
    if all(":" in word for word in words):
        descriptors = {int(port): int(descriptor) for port, descriptor in (word.split(":") for word in words)}
        prepare(layout)
        write_private(layout.holder_file, str(os.getpid()))
        asyncio.run(forward(descriptors))
        return
    layout.holder_file.unlink(missing_ok=True)
    for number, port in enumerate(words):
        listener = socket.create_server(("127.0.0.1", int(port)))
        listener.set_inheritable(True)
        words[number] = f"{port}:{listener.detach()}"
    again = [sys.executable, "-m", "local.nodes.namespaces", str(layout.state), *words]
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation=private", "--", *again])


def prepare(layout: NodeLayout) -> None:
    """Set up mounts and network of the new namespaces."""
    for command in (*mounts(layout), *network()):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    for setting in ("net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables"):
        (Path("/proc/sys") / setting).write_text("1")


def mounts(layout: NodeLayout) -> list[list[str]]:
    """Return commands that mount private folders over fixed paths.

    Kubernetes programs write to these paths.
    """
    folder = layout.folder
    for name in ("var", "var-work", "var/lib/kubelet", "kubelet", "containerd", "volumes"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    commands = [
        ["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"],
        # Files below /var are written to the state folder.
        [
            *("mount", "-t", "overlay", "-o"),
            f"lowerdir=/var,upperdir={folder / 'var'},workdir={folder / 'var-work'}",
            *("overlay", "/var"),
        ],
        ["mount", "--bind", str(folder / "kubelet"), "/var/lib/kubelet"],
        # A sysfs with the devices of this network namespace; the cgroup mounts are preserved.
        ["mkdir", "/run/cgroup"],
        ["mount", "--rbind", "/sys/fs/cgroup", "/run/cgroup"],
        ["mount", "-t", "sysfs", "sysfs", "/sys"],
        ["mount", "--rbind", "/run/cgroup", "/sys/fs/cgroup"],
        ["umount", "--recursive", "/run/cgroup"],
    ]
    for name, value in SYSCTLS.items():
        file = folder / "tunables" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n")
        commands.append(["mount", "--bind", str(file), f"/proc/sys/{name}"])
    # Pods with mount propagation, such as the node exporter, require a shared mount.
    return [*commands, ["mount", "--make-rshared", "/"]]


def network() -> list[list[str]]:
    """Return commands that set up the node address and a default route."""
    return [
        ["ip", "link", "set", "lo", "up"],
        # A veth interface is up only if its peer is up.
        ["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "nowhere"],
        ["ip", "link", "set", "nowhere", "up"],
        ["ip", "address", "add", f"{NODE_ADDRESS}/24", "dev", "eth0"],
        ["ip", "link", "set", "eth0", "up"],
        ["ip", "route", "add", "default", "dev", "eth0"],
    ]


async def forward(descriptors: dict[int, int]) -> None:
    """Forward connections to the same port on loopback in this namespace."""

    async def serve(port: int, descriptor: int) -> None:
        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
            writer.close()

        server = await asyncio.start_server(connect, sock=socket.socket(fileno=descriptor))
        await server.serve_forever()

    await asyncio.gather(*(serve(port, descriptor) for port, descriptor in descriptors.items()))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    main()
