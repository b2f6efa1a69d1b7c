"""A chart repository on loopback."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Sequence
from pathlib import Path

import yaml

from manifests.charts import Chart


class Repository:
    """A chart repository on loopback: an index and archives."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.charts: tuple[Chart, ...] = ()
        handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *arguments: handler(*arguments, directory=str(folder))
        )
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def publish(self, charts: Sequence[Chart], digest: str | None = None, values: str = "") -> None:
        entries: dict[str, list[dict[str, object]]] = {}
        for chart in charts:
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
                metadata = yaml.safe_dump({"name": chart.name, "version": chart.version})
                for file, content in (("Chart.yaml", metadata.encode()), ("values.yaml", values.encode())):
                    member = tarfile.TarInfo(f"{chart.name}/{file}")
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
            name = f"{chart.name}-{chart.version}.tgz"
            (self.folder / name).write_bytes(buffer.getvalue())
            actual = hashlib.sha256(buffer.getvalue()).hexdigest()
            entries[chart.name] = [{"version": chart.version, "urls": [name], "digest": digest or actual}]
        (self.folder / "index.yaml").write_text(yaml.safe_dump({"apiVersion": "v1", "entries": entries}))
