"""The documentation site has every page, and an address for the link of every alert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalogue.loader import load
from common.project import DOCS, PROJECT, RUNBOOKS
from tools.docs_site import build, pages
from tools.docs_site.build import SiteError, build_site

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("site"))


def test_every_page_and_every_runbook_is_in_the_site(html: Path) -> None:
    files = [*DOCS.rglob("*.md"), *RUNBOOKS.glob("*.md")]
    found = [html / file.relative_to(PROJECT).with_suffix("") for file in files]
    missing = [
        page for page in found if not ((page.parent if page.name == "README" else page) / "index.html").is_file()
    ]
    assert missing == []
    assert (html / "index.html").is_file()


def test_the_link_of_every_alert_leads_to_its_runbook(html: Path) -> None:
    for alert in load().alerts.values():
        text = (html / "runbooks" / f"{alert.name}.md" / "index.html").read_text()
        (target,) = re.findall(r"url=([^\"]+)", text)
        page = html / "runbooks" / f"{alert.name}.md" / target / "index.html"
        assert f'<h1 id="{alert.name.lower()}">{alert.name}' in page.resolve().read_text()


def test_a_browser_loads_nothing_from_elsewhere(html: Path) -> None:
    loaded = re.compile(
        r"<(?:script|img|iframe)[^>]+src=\"(?:https?:)?//|<link[^>]+rel=\"stylesheet\"[^>]+href=\"(?:https?:)?//"
    )
    assert [page for page in html.rglob("*.html") if loaded.search(page.read_text(encoding="utf-8"))] == []


def test_the_contents_list_every_page_of_a_chapter_once() -> None:
    listed = re.findall(r"'([\w/.-]+\.md)'", str(pages.contents()))
    assert len(listed) == len(set(listed))
    files = [*DOCS.glob("*/*.md"), *RUNBOOKS.glob("*.md"), pages.HOME]
    expected = {file.relative_to(PROJECT).as_posix() for file in files}
    assert set(listed) == expected


def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "README.md"
    home.write_text("[missing](docs/missing.md)")
    monkeypatch.setattr(build, "PROJECT", tmp_path)
    monkeypatch.setattr(build, "source_files", lambda: {home})
    monkeypatch.setattr(build, "contents", lambda: [{"Home": "README.md"}])
    with pytest.raises(SiteError, match=r"docs/missing\.md"):
        build_site(tmp_path / "site")
