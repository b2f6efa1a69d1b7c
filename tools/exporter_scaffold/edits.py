"""Insertions into source files at a place that their structure names.

Each raises LookupError if the file does not have that structure.
"""

import ast
import subprocess
import sys
from pathlib import Path


def formatted(path: Path, text: str, project: Path) -> str:
    """Return Python code with sorted imports, in the project's format."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    name = str(path.relative_to(project))
    for command in (["check", "--select=I", "--fix", "--quiet"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *command, "--stdin-filename", name, "-"],
            cwd=project, input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        text = done.stdout
    return text


def _assignment(text: str, name: str) -> ast.AnnAssign:
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return node
    raise LookupError(f"no {name}: Final = ... at the top level")


def _insert(text: str, addition: str, *, line: int) -> str:
    """Return a text with an addition after its first `line` lines."""
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:line], addition, *lines[line:]])


def before_assignment(source: str, *, name: str, text: str) -> str:
    """Insert before the annotated assignment of a name at the top level."""
    return _insert(source, text, line=_assignment(source, name).lineno - 1)


def into_literal(source: str, *, name: str, text: str) -> str:
    """Add entries at the end of a tuple or mapping whose closing bracket has a line of its own."""
    return _insert(source, text, line=(_assignment(source, name).end_lineno or 0) - 1)


def after_imports(source: str, *, text: str) -> str:
    """Insert after the last import at the top level."""
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return _insert(source, text, line=imports[-1].end_lineno or 0)


def at_the_end(source: str, *, text: str) -> str:
    """Append, in a line of its own."""
    return source.rstrip("\n") + "\n" + text


def after_line(source: str, *, start: str, text: str) -> str:
    """Insert after the last line that starts with `start`."""
    numbers = [number for number, line in enumerate(source.splitlines(), 1) if line.startswith(start)]
    if not numbers:
        raise LookupError(f"no line that starts with {start!r}")
    return _insert(source, text, line=numbers[-1])


def after_block(source: str, *, start: str, text: str) -> str:
    """Insert after a line and all lines below it that are indented further."""
    lines = source.splitlines()
    if start not in lines:
        raise LookupError(f"no line {start!r}")
    first = lines.index(start) + 1
    indentation = " " * (len(start) - len(start.lstrip()) + 1)
    length = next((n for n, line in enumerate(lines[first:]) if not line.startswith(indentation)), len(lines) - first)
    return _insert(source, text, line=first + length)
