import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parent.parent
CHANGELOG: Final = (PROJECT / "CHANGELOG.md").read_text()
RELEASE: Final = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$")
CHANGE_TYPES: Final = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def headings(level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} .+$", CHANGELOG, re.MULTILINE)


def releases() -> list[tuple[str, date]]:
    found = [RELEASE.match(heading) for heading in headings(2)]
    return [(match[1], date.fromisoformat(match[2])) for match in found if match]


def test_the_newest_release_is_the_version_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert releases()[0][0] == project["version"]


def test_the_first_section_is_unreleased_and_all_others_are_releases() -> None:
    first, *others = headings(2)
    assert first == "## [Unreleased]"
    assert [heading for heading in others if not RELEASE.match(heading)] == []


def test_releases_are_in_descending_order() -> None:
    versions = [tuple(int(part) for part in version.split(".")) for version, _ in releases()]
    dates = [day for _, day in releases()]
    assert versions == sorted(set(versions), reverse=True)
    assert dates == sorted(dates, reverse=True)


def test_the_upgrade_notes_have_a_section_per_version_that_says_what_to_do_or_that_there_is_nothing() -> None:
    notes = (PROJECT / "docs" / "operations" / "upgrade.md").read_text().partition("## Notes per version\n")[2]
    _, *sections = re.split(r"^### ", notes, flags=re.MULTILINE)
    versions = [section.partition("\n")[0] for section in sections]
    assert versions == ["Unreleased", *(version for version, _ in releases())]
    texts = [section.partition("\n")[2].strip() for section in sections]
    assert [text for text in texts if not text.startswith(("From ", "Nothing to do"))] == []


def test_every_removed_name_is_in_the_upgrade_notes() -> None:
    """A stack that still sets a removed name is refused."""
    notes = (PROJECT / "docs" / "operations" / "upgrade.md").read_text()
    removed = re.findall(r"^### Removed\n(.*?)(?=^##)", CHANGELOG, re.MULTILINE | re.DOTALL)
    assert removed
    names = re.findall(r"^- \w+ `?(\w+)`?:", "".join(removed), re.MULTILINE)
    assert names
    assert [name for name in names if name not in notes] == []


def test_every_list_of_changes_has_a_type_of_keep_a_changelog() -> None:
    types = {heading.removeprefix("### ") for heading in headings(3)}
    assert types
    assert types - CHANGE_TYPES == set()
