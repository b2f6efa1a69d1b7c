"""Hypothesis strategies that mutate a file of the project."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from hypothesis import strategies as st

# A path in a document: keys of mappings and positions in lists.
Place = tuple[Any, ...]

# Texts that a reader expands, obeys, cannot print, takes too long for, or takes for something else.
_TEXTS: Final = (
    *("", " ", "x", "0", "-1", "yes", "null", "~", "{}", "{", "["),
    *("]" * 50, '{"a": [', "a\nb", "b\r\nX: y", "\x1b[2J", "\x00"),
    *("\ud800", "\udfff\u202e", "\u2028", "\ufeff", "é", "x" * 300),
    *("x" * 5_000, "x" * 20_000, "../../etc/passwd", "~/x"),
    *("{{x", "https://{{x", "${HOME}", "https://${X}.example"),
    *("https://$__file{/x}", "$(POD_NAME)", "%(x)s", '"""', "`"),
    *("http://[x", "http://a:b@c.example", "https://a.example:99999"),
    *("https://a.example?token=abcd", "oci://", "//x"),
    *("on{{call@bais.example", "on<call@bais.example", "a@b@c"),
    *("@", "[::1]:5432", "[::1:5432", "a.example:0", "300:1"),
    *("300y", "0s", "1d", "99999999999h", "9" * 400 + "d", "1h30m"),
    *("-5m", "1Mi", "1Ei", "9" * 300 + "Gi", "0.0001m", "1e9"),
    *("(?!up).*", "a{5000}", "\\pL+", "(" * 300, "a|" * 400, "[", "x*" * 400, "(a{100}){100}", "\\C", "\\Q(\\E"),
    *("up", "sum(rate(up[5m]))", "(" * 20_000, "(" * 40 + "up" + ")" * 40),
    *("-" * 9_000 + "1", "a+" * 5_000 + "a", "up{" * 99),
    *('a{b=~"(?!x)"}', "a or " * 3_000 + "a", "up > 1 # tunable: x"),
    *("up > 1 # tunable: api_errors_high", "{{ $labels.x }}"),
    *("2026-12-25", "0001-01-01", "9999-12-31", "2026-02-30"),
    *("Europe/Berlin", "posix/UTC", "../UTC", "grafana-admin"),
    *("alertmanager-tokens", "kube-system", "prometheus"),
    *("critical", "bais.slack", "24:00", "#x", "no-wal", "existing"),
)  # fmt: skip
_NUMBERS: Final = (0, 1, -1, 2, 10**3, 10**6, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"))
_KEYS: Final = ("x", "", " ", "a\nb", "\x1b[31m", "\ud800", "k" * 300, "k" * 20_000, "<<", "enabled", "name", "secure")
_INSERTED: Final = (
    *("\t", "\x00", "\x1b[2J", "\r", "\n", "\n\n  - x", ": "),
    *("- ", "? ", "&a [*a]", "*b", "<<: *c", "!!int x", "!!binary x"),
    *("!!python/object:os.system x", "!!set {a}", "!!timestamp x"),
    *("%YAML 9.9", "---\n", "...\n", "'", '"', "|", ">", "{", "}"),
    *("[" * 900 + "]" * 900, "[" * 900, "{a: " * 900, "- " * 900, "{{", "}}"),
    *('{{ template "x" . }}', "{{ end }}", "{{ range . }}", "{{/*", "$", "\\"),
    *("x" * 600_000, "\n".join(f"k{index}: 1" for index in range(3_000))),
    *(".nan", "0x" + "f" * 5_000, "1:1:1", "é", "\u2028"),
)  # fmt: skip
_BOMB: Final = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
)


@dataclass(frozen=True)
class Mutant:
    """A mutated file: the subject that reads it, its name, and its content."""

    subject: str
    file: str
    content: bytes


def mutants(subject: str, path: Path) -> st.SearchStrategy[Mutant]:
    """Return a strategy of mutants of a file; its values too if it is YAML, not only its text."""
    strategy = _mutated_text(path)
    if path.suffix == ".yaml":
        strategy = st.one_of(_mutated_tree(path), _mutated_tree(path), _mutated_tree(path), strategy)
    return strategy.map(lambda text: Mutant(subject, path.name, text.encode("utf-8", "surrogatepass")))


def _values() -> st.SearchStrategy[Any]:
    scalars = st.one_of(
        st.sampled_from(_TEXTS), st.sampled_from(_TEXTS), st.sampled_from(_NUMBERS), st.none(), st.booleans(),
        st.text(max_size=20), st.integers(), st.floats(), st.dates(), st.binary(max_size=4),
    )  # fmt: skip
    # The dumper is recursive; what is nested deeper is inserted as text.
    shapes = (_nested_list(60), _nested_list(18), _nested_mapping(30), ["x"] * 2_000, {f"k{n}": n for n in range(900)})
    return st.one_of(
        scalars, scalars, st.lists(scalars, max_size=3), st.dictionaries(st.sampled_from(_KEYS), scalars, max_size=3),
        st.sampled_from(shapes).map(copy.deepcopy),
    )  # fmt: skip


def _nested_list(depth: int) -> list[Any]:
    return functools.reduce(lambda inner, _: [inner], range(depth), [])


def _nested_mapping(depth: int) -> dict[str, Any]:
    return functools.reduce(lambda inner, _: {"x": inner}, range(depth), {})


@functools.cache
def _document(path: Path) -> tuple[Any, tuple[Place, ...]]:
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return content, tuple(_places(content))


def _places(value: object, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from _places(each, (*place, key))


@st.composite
def _mutated_tree(draw: st.DrawFn, path: Path) -> str:
    original, places = _document(path)
    content = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(places))
        if (parent := parent_of(content, place)) is not None:
            draw(st.sampled_from(_EDITS))(draw, content, parent, place)
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def parent_of(content: Any, place: Place) -> Any:
    """Return the collection that holds a place; None if an earlier edit removed it."""
    for key in place[:-1]:
        try:
            content = content[key]
        except (KeyError, IndexError, TypeError):
            return None
    key = place[-1]
    if isinstance(content, list):
        # An earlier edit may have replaced a mapping by a list.
        return content if isinstance(key, int) and key < len(content) else None
    return content if isinstance(content, dict) and key in content else None


def _replace(draw: st.DrawFn, _: Any, parent: Any, place: Place) -> None:
    parent[place[-1]] = draw(_values())


def _remove(_: st.DrawFn, __: Any, parent: Any, place: Place) -> None:
    del parent[place[-1]]


def _add_key(draw: st.DrawFn, _: Any, parent: Any, place: Place) -> None:
    target = parent if isinstance(parent, dict) else parent[place[-1]]
    if isinstance(target, dict):
        target[draw(st.sampled_from((*_KEYS, 7, None, True, 1.5)))] = draw(_values())


def _rename(draw: st.DrawFn, _: Any, parent: Any, place: Place) -> None:
    if isinstance(parent, dict):
        parent[draw(st.sampled_from(_KEYS))] = parent.pop(place[-1])


def _repeat(draw: st.DrawFn, _: Any, parent: Any, place: Place) -> None:
    if isinstance(parent, list):
        parent += [copy.deepcopy(parent[place[-1]]) for _ in range(draw(st.sampled_from((1, 2, 30, 250))))]


def _move(draw: st.DrawFn, content: Any, parent: Any, place: Place) -> None:
    other = draw(st.sampled_from(tuple(_places(content))))
    holder = parent_of(content, other)
    parent[place[-1]] = copy.deepcopy(holder[other[-1]])


def _change_scalar(draw: st.DrawFn, _: Any, parent: Any, place: Place) -> None:
    value = parent[place[-1]]
    if isinstance(value, str):
        at = draw(st.integers(0, len(value)))
        parent[place[-1]] = value[:at] + draw(st.sampled_from(_TEXTS)) + value[at:]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        parent[place[-1]] = value * draw(st.sampled_from((-1, 0, 2, 1000, 10**9)))
    elif isinstance(value, bool):
        parent[place[-1]] = not value


_EDITS: Final[tuple[Callable[[st.DrawFn, Any, Any, Place], None], ...]] = (
    _replace, _replace, _replace, _remove, _add_key, _rename, _repeat, _move, _change_scalar, _change_scalar,
)  # fmt: skip


@st.composite
def _mutated_text(draw: st.DrawFn, path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 40)))
        match draw(st.integers(0, 4)):
            case 0:
                text = text[:begin] + draw(st.sampled_from(_INSERTED)) + text[begin:]
            case 1:
                text = text[:begin] + text[end:]
            case 2:
                text = text[:end] + text[begin:end] * draw(st.sampled_from((1, 2, 400))) + text[end:]
            case 3:
                text = text[:begin]
            case 4:
                text += draw(st.sampled_from(("\n" + _BOMB + "\n", "\n[", "\nx: &x {y: *x}\n", "\n\ud800", "\ufeff")))
    return text


class _Dumper(yaml.SafeDumper):
    """A dumper that writes texts of several lines as blocks, in which the markers of tunables must be."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _text_node(dumper: _Dumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text_node)
