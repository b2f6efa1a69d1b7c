import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from common.project import PROJECT
from settings.credentials import CREDENTIALS, GRAFANA_OAUTH_CLIENT_SECRET, team_routing_key
from settings.stack import StackSettings

DOCS: Final = PROJECT / "docs"
REFERENCE: Final = DOCS / "reference"
README: Final = PROJECT / "README.md"
PAGES: Final = sorted([README, *DOCS.rglob("*.md")])
LONGEST_CELL: Final = 140
CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


def page_name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def rows(text: str, *, heading: str) -> list[list[str]]:
    """Return the cells of every row of each table whose first column has this heading."""
    lines = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines() if line[:1] == "|"]
    found: list[list[str]] = []
    inside = False
    for cells in lines:
        if cells[0].startswith("`") or cells[0].startswith("---"):
            found += [cells] if inside and cells[0].startswith("`") else []
        else:
            inside = cells[0] == heading
    return found


def first_column(page: Path, heading: str) -> list[str]:
    return [cells[0].strip("`") for cells in rows(page.read_text(), heading=heading)]


def direct_dependencies() -> list[str]:
    lines = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (PROJECT / name).read_text().splitlines()
    ]
    return [line.partition("==")[0] for line in lines if re.match(r"\w", line)]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def output_names() -> list[str]:
    program = ast.parse((PROJECT / "outputs.py").read_text())
    (outputs,) = (
        node.value for node in ast.walk(program) if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
    )
    return [ast.literal_eval(key) for key in outputs.keys if key]


def model_of(annotation: object) -> type[BaseModel] | None:
    kinds = (annotation, *get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def settings_of(model: type[BaseModel], section_default: object = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each key of a stack's settings with its default, formatted as in the documentation."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        if section_default is not None:
            default = getattr(section_default, name)
        else:
            default = None if field.is_required() else field.get_default(call_default_factory=True)
        section = model_of(field.annotation)
        if section is not None and get_origin(field.annotation) is tuple:
            yield key, format_default(default)
            yield from settings_of(section, None, f"{key}[].")
            continue
        if section is None or (default is None and not field.is_required()):
            yield key, "required" if field.is_required() else format_default(default)
        if section is not None:
            yield from settings_of(section, default, f"{key}.")


def format_default(default: Any) -> str:
    if default is None:
        return "none"
    if isinstance(default, tuple):
        return f"`{list(default)}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def settings() -> dict[str, str]:
    declared = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
    in_project = {key: format_default(kind["default"]) for key, kind in declared.items() if kind.get("default")}
    found = dict(settings_of(StackSettings))
    return found | {key: default for key, default in in_project.items() if key in found}


def test_the_table_of_dependencies_has_exactly_the_direct_dependencies() -> None:
    assert direct_dependencies()
    assert sorted(first_column(REFERENCE / "dependencies.md", "package")) == sorted(direct_dependencies())


def test_the_table_of_tool_families_has_exactly_the_folders() -> None:
    families = [folder.name for folder in (PROJECT / "local" / "tools" / "go").iterdir() if folder.is_dir()]
    assert families
    assert sorted(first_column(REFERENCE / "dependencies.md", "family")) == sorted(families)


def test_the_table_of_npm_packages_has_exactly_the_dependencies() -> None:
    packages = json.loads((PROJECT / "tools" / "pictures" / "package.json").read_text())["dependencies"]
    assert sorted(first_column(REFERENCE / "dependencies.md", "npm package")) == sorted(packages)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_make_target_named_in_code_exists(page: Path) -> None:
    named = {
        target
        for code in CODE.findall(page.read_text())
        for target in re.findall(r"\bmake(?: -\w+)* ([a-z][a-z-]*)\b(?!=)", code)
    }
    assert named - targets() == set()


def test_the_readme_names_its_two_commands() -> None:
    assert {"make up", "make test"} <= set(first_column(PROJECT / "README.md", "command"))


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", CODE.sub("", page.read_text()))
    assert [link for link in links if "://" not in link and not (page.parent / link).is_file()] == []


def linked_pages(page: Path) -> set[Path]:
    """The pages of the project that a page links to."""
    links = re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", CODE.sub("", page.read_text()))
    return {(page.parent / link).resolve() for link in links if "://" not in link}


def test_every_page_is_reachable_from_the_readme_through_the_indexes() -> None:
    found, new = {README}, {README}
    while new:
        indexes = [page for page in new if page.name == "README.md"]
        new = {link for page in indexes for link in linked_pages(page) if link.is_file()} - found
        found |= new
    assert [page_name(page) for page in PAGES if page not in found and page.name != "template.md"] == []


@pytest.mark.parametrize("folder", [path for path in DOCS.iterdir() if list(path.glob("*.md"))], ids=page_name)
def test_an_index_has_one_line_per_page(folder: Path) -> None:
    linked = linked_pages(folder / "README.md")
    assert [page.name for page in folder.glob("*.md") if page not in linked and page.name != "README.md"] == []


def test_no_table_cell_is_longer_than_140_characters() -> None:
    long = [
        f"{page_name(page)}:{number}: {len(cell.strip())} characters: {cell.strip()[:40]}"
        for page in PAGES
        for number, line in enumerate(page.read_text().splitlines(), 1)
        for cell in (line.strip("| ").split(" | ") if line.lstrip().startswith("|") else [])
        if len(cell.strip()) > LONGEST_CELL
    ]
    assert long == [], "Shorten each cell, or move its details below the table."


def test_every_setting_is_documented_once_with_its_default() -> None:
    documented = rows((REFERENCE / "settings.md").read_text(), heading="key")
    keys = [cells[0].strip("`") for cells in documented]
    assert len(keys) == len(set(keys))
    assert {key: cells[2] for key, cells in zip(keys, documented, strict=True)} == settings()


def test_every_secret_is_documented_once() -> None:
    documented = rows((REFERENCE / "secrets.md").read_text(), heading="secret")
    credentials = (*CREDENTIALS, team_routing_key("<team>"), GRAFANA_OAUTH_CLIENT_SECRET)
    assert sorted((cells[0].strip("`"), cells[1].strip("`")) for cells in documented) == sorted(
        (credential.key, credential.file) for credential in credentials
    )


def test_every_output_is_documented_once_and_no_other() -> None:
    assert output_names()
    assert sorted(first_column(REFERENCE / "outputs.md", "output")) == sorted(output_names())
