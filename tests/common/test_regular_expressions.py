"""Regular expressions: what the program accepts is what Prometheus accepts."""

import json
import subprocess
from pathlib import Path
from typing import Final

from common.regular_expressions import LONGEST, is_regular_expression

ACCEPTED: Final = (
    r"\pL+", r"\p{Greek}*", "a{1000}", "(?P<x>a)|(?i)b", r"\Qa.b\E", "[[:word:]]+", r"\d+\.\z", "(?:a*)*", "^$", r"\\C",
    "(" * 50 + "a" + ")" * 50,
)  # fmt: skip
REFUSED: Final = (
    "(?!up).*", "(?<=a)b", "a{1001}", "(a{100}){100}", "a**", r"(a)\1", r"\C", "[a", r"\p{None}", "(?P<x", "*",
)  # fmt: skip


def test_the_same_expressions_are_valid_as_in_prometheus(promtool: str, tmp_path: Path) -> None:
    files = {}
    for number, regex in enumerate((*ACCEPTED, *REFUSED)):
        relabeling = [{"source_labels": ["a"], "regex": regex, "action": "keep"}]
        content = {"remote_write": [{"url": "http://a.example", "write_relabel_configs": relabeling}]}
        files[regex] = tmp_path / f"{number}.yaml"
        files[regex].write_text(json.dumps(content))
    printed = subprocess.run(
        [promtool, "check", "config", *files.values()], capture_output=True, text=True, check=False
    ).stderr
    valid = {regex for regex, file in files.items() if str(file) not in printed.replace("Checking", "")}
    assert valid == set(ACCEPTED)
    assert {regex for regex in files if is_regular_expression(regex)} == set(ACCEPTED)


def test_neither_an_empty_nor_a_very_long_expression_nor_half_a_character_is_valid() -> None:
    assert not is_regular_expression("")
    assert is_regular_expression("a" * LONGEST)
    assert not is_regular_expression("a" * (LONGEST + 1))
    assert not is_regular_expression("\ud800")


def test_an_expression_that_is_valid_only_inside_the_anchors_of_prometheus_is_refused() -> None:
    assert not is_regular_expression("a)|(b")
