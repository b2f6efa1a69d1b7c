"""Layers of the project, each of which imports only earlier ones."""

import ast
import subprocess
from pathlib import Path
from typing import Final

from common.project import PROJECT

# Later layers may import earlier ones. Folders of one layer must not import each other, except the pairs in
# ALLOWED_WITHIN_LAYER.
LAYERS: Final = (
    ("common",),
    ("settings", "catalogue"),
    ("manifests", "routing", "dashboards"),
    ("preflight", "policy", "verification"),
    ("components", "outputs"),
    ("__main__", "synthetic"),
    ("local", "operations"),
    ("tools",),
    ("tests",),
)
LEVEL: Final = {folder: level for level, folders in enumerate(LAYERS) for folder in folders}
ALLOWED_WITHIN_LAYER: Final = {("operations", "local")}
ASSEMBLING: Final = {"foundation", "exporters"}


def modules() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [Path(name) for name in listed.stdout.splitlines() if (PROJECT / name).exists()]


def imported(path: Path) -> set[str]:
    """Return the top-level names of the modules that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((PROJECT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add("a relative import" if node.level else (node.module or "").partition(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found


def layer_of(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def test_every_folder_with_code_has_a_layer() -> None:
    assert {layer_of(path) for path in modules()} - set(LEVEL) == {"docs"}


def test_no_module_imports_from_a_layer_above_its_own() -> None:
    offenders = [
        f"{path} imports {name}"
        for path in modules()
        for name in sorted(imported(path) & set(LEVEL))
        if (own := layer_of(path)) in LEVEL
        and name != own
        and LEVEL[name] >= LEVEL[own]
        and (own, name) not in ALLOWED_WITHIN_LAYER
    ]
    assert offenders == [], "move the code or its dependency to another layer; the order is in tests/test_layers.py"


def test_only_components_sources_and_the_program_import_pulumi() -> None:
    """Pure functions can be tested and called without an engine."""
    pulumi = {"pulumi", "pulumi_kubernetes", "pulumi_random"}
    allowed = ("components/", "tests/", "tools/", "docs/", "__main__.py", "settings/sources.py", "local/tools/build.py")
    assert [str(path) for path in modules() if not str(path).startswith(allowed) and imported(path) & pulumi] == []


def test_components_contains_only_components_and_underscored_modules() -> None:
    def components(path: Path) -> int:
        tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
        bases = [ast.unparse(base) for node in tree.body if isinstance(node, ast.ClassDef) for base in node.bases]
        return bases.count("pulumi.ComponentResource")

    inside = [path for path in modules() if path.parts[0] == "components"]
    assert [str(path) for path in inside if len(path.parts) != 2] == []
    public = {path.stem: components(path) for path in inside if not path.stem.startswith("_")}
    assert {stem for stem, count in public.items() if count != 1} == ASSEMBLING
    assert [stem for stem in ASSEMBLING if public[stem]] == []


def test_no_import_is_relative() -> None:
    assert [str(path) for path in modules() if "a relative import" in imported(path)] == []


def test_rules_contains_no_code() -> None:
    assert [str(path) for path in modules() if path.parts[0] == "rules"] == []
