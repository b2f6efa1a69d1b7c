"""Each port has one place: `common/ports.py`, or the row of its exporter in `common/exporters.py`."""

import ast
from typing import Final

from common import ports
from common.exporters import EXPORTERS
from common.project import PROJECT

FOLDERS: Final = ("components", "manifests", "operations", "preflight", "routing", "settings")
# Shorter numbers, such as 53 or 443, are not only ports.
NUMBERS: Final = {
    number
    for number in (*vars(ports).values(), *(port for exporter in EXPORTERS for port in exporter.ports))
    if isinstance(number, int) and number >= 1000
}


def literals(text: str) -> set[int]:
    """Return the ports that a module writes as numbers."""
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, int) and value in NUMBERS}


def test_no_other_module_has_a_port_as_a_number() -> None:
    files = [PROJECT / "outputs.py", *(file for folder in FOLDERS for file in (PROJECT / folder).rglob("*.py"))]
    found = {str(file.relative_to(PROJECT)): literals(file.read_text(encoding="utf-8")) for file in files}
    assert {file: numbers for file, numbers in found.items() if numbers} == {}


def test_a_port_as_a_number_is_found() -> None:
    assert literals("_PORT: Final = 9093\nflow = Flow(PROMETHEUS, (9100,))") == {9093, 9100}
