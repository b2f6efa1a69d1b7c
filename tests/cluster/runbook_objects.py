"""Objects that the commands of runbooks read and change, and stand-ins for components that the demo platform lacks."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from local.control_plane.lifecycle import ControlPlane
from local.demo.platform import Demo
from local.demo.services import services
from local.nodes.images import table, write_archive
from local.nodes.layout import NodeLayout
from local.nodes.programs import ctr

OBJECTS: Final = Path(__file__).with_name("runbook_objects.yaml")
NAMESPACE: Final = "--namespace=shop"
# The image that the runbooks name, with the programs that they run in it.
BUSYBOX: Final = "docker.io/library/busybox:1.37"
APPLETS: Final = ("sh", "nslookup")
# Debian's busybox runs its own programs instead of those in the new root, unlike that of the image.
CHROOT: Final = '#!/bin/sh\nroot=$1; shift; exec /bin/busybox chroot "$root" /usr/bin/env "$@"\n'
PROGRAM_PATH: Final = "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
# Kinds of cert-manager and of metrics-server: `group/version`, and the plural by kind.
DEFINITIONS: Final = {
    "cert-manager.io/v1": {"Certificate": "certificates", "CertificateRequest": "certificaterequests"},
    "acme.cert-manager.io/v1": {"Order": "orders", "Challenge": "challenges"},
    "metrics.k8s.io/v1beta1": {"PodMetrics": "pods", "NodeMetrics": "nodes"},
}
USAGE: Final = {"cpu": "10m", "memory": "20Mi"}


@contextlib.contextmanager
def runbook_objects(demo: Demo, folder: Path) -> Iterator[None]:
    """Create all objects, wait until they are as the runbooks expect them, and delete them at the end."""
    control_plane = demo.control_plane
    _import_busybox(NodeLayout(control_plane.state), folder)
    request = folder / "request.json"
    request.write_text(json.dumps(_signing_request()))
    definitions = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(_definitions())})
    try:
        control_plane.kubectl("apply", "--filename=-", text=definitions)
        control_plane.kubectl("apply", f"--filename={request}")
        control_plane.kubectl("create", "namespace", "shop")
        pages = folder / "pages"
        pages.mkdir()
        (pages / "metrics").write_bytes(_metrics(demo))
        (pages / "health").write_text("well\n")
        control_plane.kubectl("create", NAMESPACE, "configmap", "pages", f"--from-file={pages}")
        files = demo.state / "certificates"
        pair = (f"--cert={files / 'website.crt'}", f"--key={files / 'website.key'}")
        control_plane.kubectl("create", NAMESPACE, "secret", "tls", "website", *pair)
        control_plane.kubectl("apply", "--server-side", f"--filename={OBJECTS}")
        # A second revision, to which and from which the runbooks roll back.
        control_plane.kubectl("rollout", NAMESPACE, "restart", "deployment/api")
        for kind in ("deployment/api", "statefulset/postgres"):
            control_plane.kubectl("rollout", NAMESPACE, "status", kind, "--timeout=90s")
        control_plane.kubectl("wait", NAMESPACE, "--for=condition=complete", "job/report-1", "--timeout=60s")
        control_plane.kubectl("wait", NAMESPACE, "--for=condition=established", "crd", "--all", "--timeout=60s")
        metrics = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(_custom_objects(control_plane))})
        control_plane.kubectl("apply", "--filename=-", text=metrics)
        yield
    finally:
        for words in (
            (f"--filename={OBJECTS}",),
            (f"--filename={request}",),
            ("pods", "--namespace=default", "--all"),
        ):
            control_plane.kubectl("delete", "--ignore-not-found", "--wait=false", *words)
        control_plane.kubectl("delete", "--ignore-not-found", "--wait=false", "--filename=-", text=definitions)


def kubeconfig_with_certificate(demo: Demo, target: Path) -> None:
    """Write the kubeconfig of the administrator with a client certificate, as many clusters have."""
    content = yaml.safe_load(demo.control_plane.kubeconfig.read_text())
    certificates = demo.control_plane.state / "certificates"
    for name, file in (("client-certificate-data", "client.crt"), ("client-key-data", "client.key")):
        content["users"][0]["user"][name] = base64.b64encode((certificates / file).read_bytes()).decode()
    target.touch(0o600)
    target.write_text(yaml.safe_dump(content))


def _import_busybox(layout: NodeLayout, folder: Path) -> None:
    (image,) = (each for each in table() if "/busybox:" in each.image)
    archive = folder / "busybox.tar"
    write_archive(replace(image, image=BUSYBOX, words=(), applets=APPLETS), archive, b"")
    _add_chroot(archive)
    imported = ctr(layout, "images", "import", str(archive))
    assert imported.returncode == 0, imported.stderr


def _add_chroot(archive: Path) -> None:
    """Add a layer with the program `chroot` to an image."""
    with tarfile.open(archive) as tar:
        files = {member.name: content.read() for member in tar if (content := tar.extractfile(member))}
    layer = _tar({"bin/chroot": CHROOT.encode()})
    configuration, (manifest,) = json.loads(files["config.json"]), json.loads(files["manifest.json"])
    configuration["rootfs"]["diff_ids"].append(f"sha256:{hashlib.sha256(layer).hexdigest()}")
    configuration["config"]["Env"] = [PROGRAM_PATH]
    manifest["Layers"].append("chroot.tar")
    files |= {
        "chroot.tar": layer,
        "config.json": json.dumps(configuration).encode(),
        "manifest.json": json.dumps([manifest]).encode(),
    }
    archive.write_bytes(_tar(files))


def _tar(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def _metrics(demo: Demo) -> bytes:
    """Return the metrics of the API of the demo platform."""
    api = services()["api"]
    command = [
        *NodeLayout(demo.control_plane.state).nsenter("net"),
        *("curl", "--silent", "--fail", "--max-time", "10", f"http://{api.address}:{api.port}/metrics"),
    ]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _signing_request() -> dict[str, Any]:
    command = "openssl req -new -newkey rsa:2048 -nodes -keyout /dev/null -subj /O=system:nodes/CN=system:node:node-9"
    request = subprocess.run(command.split(), check=True, capture_output=True).stdout
    return {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"name": "api"},
        "spec": {
            "request": base64.b64encode(request).decode(),
            "signerName": "kubernetes.io/kube-apiserver-client",
            "usages": ["client auth"],
        },
    }


def _definitions() -> Iterator[dict[str, Any]]:
    for api, kinds in DEFINITIONS.items():
        group, version = api.split("/")
        for kind, plural in kinds.items():
            names = {"kind": kind, "plural": plural, "singular": kind.lower()}
            schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            yield {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {
                    "name": f"{plural}.{group}",
                    "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in"},
                },
                "spec": {
                    "group": group,
                    "names": names,
                    "scope": "Cluster" if kind == "NodeMetrics" else "Namespaced",
                    "versions": [
                        {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
                    ],
                },
            }


def _custom_objects(control_plane: ControlPlane) -> Iterator[dict[str, Any]]:
    """Yield the usage of every pod and node, and a certificate with its order."""
    usage = {"apiVersion": "metrics.k8s.io/v1beta1", "timestamp": "2026-01-01T00:00:00Z", "window": "10s"}
    for node in json.loads(control_plane.kubectl("get", "nodes", "--output=json"))["items"]:
        yield {**usage, "kind": "NodeMetrics", "metadata": {"name": node["metadata"]["name"]}, "usage": USAGE}
    for pod in json.loads(control_plane.kubectl("get", "pods", "--all-namespaces", "--output=json"))["items"]:
        metadata = {name: pod["metadata"].get(name, {}) for name in ("name", "namespace", "labels")}
        containers = [{"name": each["name"], "usage": USAGE} for each in pod["spec"]["containers"]]
        yield {**usage, "kind": "PodMetrics", "metadata": metadata, "containers": containers}
    metadata = {"name": "website", "namespace": "shop"}
    yield {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata}
    yield {"apiVersion": "acme.cert-manager.io/v1", "kind": "Order", "metadata": metadata}
