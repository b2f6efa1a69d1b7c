"""Build of the site with MkDocs, from a copy of the pages in the same folders as in the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import yaml

from common.project import PROJECT, RUNBOOKS
from tools.docs_site.pages import contents, source_files

_REDIRECT: Final = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=../{page}/">\n'
_EXTENSIONS: Final = ("admonition", "attr_list", "md_in_html", "pymdownx.superfences", "tables", "toc")


class SiteError(Exception):
    """The site cannot be built; the message is the output of MkDocs."""


def build_site(folder: Path) -> Path:
    """Build the site in a folder, and return the folder of its HTML.

    A link of an alert, `runbooks/<Alert>.md`, leads to its page on any web server that serves `index.html` for a
    folder. Nothing is loaded from elsewhere.

    Raises:
        SiteError: a link leads nowhere, or MkDocs failed.
    """
    source, html = folder / "source", folder / "html"
    shutil.rmtree(source, ignore_errors=True)
    for file in source_files():
        copy = source / file.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    configuration = folder / "mkdocs.yml"
    configuration.write_text(yaml.safe_dump(_configuration(source, html), sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", f"--config-file={configuration}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SiteError((result.stdout + result.stderr).strip())
    for page in RUNBOOKS.glob("*.md"):
        redirect = html / "runbooks" / page.name / "index.html"
        redirect.parent.mkdir()
        redirect.write_text(_REDIRECT.format(page=page.stem), encoding="utf-8")
    return html


def _configuration(source: Path, html: Path) -> dict[str, Any]:
    return {
        "site_name": "BAIS monitoring",
        "docs_dir": str(source),
        "site_dir": str(html),
        "nav": contents(),
        # Files that only a page links to are not in the table of contents.
        "validation": {
            "omitted_files": "ignore",
            "not_found": "warn",
            "anchors": "warn",
            "unrecognized_links": "ignore",
        },
        "plugins": ["search"],
        "markdown_extensions": list(_EXTENSIONS),
        "theme": {
            "name": "material",
            "font": False,
            "features": ["navigation.indexes", "navigation.tabs", "navigation.top", "search.highlight"],
            "palette": [{"media": "(prefers-color-scheme)", "scheme": "default", "primary": "indigo"}],
        },
    }
