"""YAML without surprises: lines, refusals, and text that stays as written."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.vendors import document as document_module
from byoaws.vendors.document import parse


def found(text: str) -> list[str]:
    return [f"{problem.line}: {problem.where}: {problem.message}" for problem in parse(text).problems]


def places(text: str) -> list[str]:
    return [problem.place("f") for problem in parse(text).problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("012345678901", "012345678901"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("1e3", "1e3"),
        ("2026-11-21", "2026-11-21"),
        ("1:30", "1:30"),
        ("'no'", "no"),
        ("", None),
        ("~", None),
        ("null", None),
        ("'null'", "null"),
        ('""', ""),
        ("a # comment", "a"),
        (">-\n  a\n  b", "a b"),
    ],
)
def test_scalars_keep_their_text(written: str, value: str | None):
    document = parse(f"key: {written}")
    assert document.value == {"key": value}
    assert document.problems == []


def test_places_are_those_of_keys_and_items():
    document = parse("# first\na: 1\nb:\n  c: >-\n    long\n  d:\n  - x\n  - y\n")
    assert document.value == {"a": "1", "b": {"c": "long", "d": ["x", "y"]}}
    marks = {
        ("a",): (2, 1),
        ("b",): (3, 1),
        ("b", "c"): (4, 3),
        ("b", "d"): (6, 3),
        ("b", "d", 0): (7, 5),
        ("b", "d", 1): (8, 5),
    }
    assert {path: document.mark(path) for path in marks} == marks
    assert document.mark(("b", "c", "unheard-of")) == (4, 3)
    assert document.mark(("unheard-of",)) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: {b: &x 1}", "f:1:5"),
        ("a: 1\nb: {c: 1, c: 2}", "f:2:11"),
        ("a: 1\n---\nb: 2", "f:2:1"),
        ("a: 1\nb: [1", "f:2:6"),
        ("a:\n\tb", "f:2:1"),
        ("a: 1\nbc: \x07", "f:2:5"),
        ("a: " + "[" * 100, "f:1:19"),
        ('a: "\\UFFFFFFFF"', "f"),
    ],
    ids=["anchor", "twice", "second document", "not closed", "tab", "character", "deep", "nowhere"],
)
def test_a_mistake_is_told_with_line_and_column(text: str, place: str) -> None:
    assert places(text) == [place]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &x 1", "1: a: YAML anchor '&x' is refused; write each value out"),
        ("a: 1\nb: *x", "2: b: YAML alias (*name) is refused; write the value out"),
        ("a: !!python/object/apply:os.system ['id']", "1: a: YAML tag"),
        ("a: !x 1", "1: a: YAML tag '!x' is refused; write the value without it"),
        ("!!str a: 1", "1: : YAML anchors and tags are refused on keys"),
        ("a: 1\n<<: {b: 2}", "2: : YAML merge key '<<' is refused; write the keys out"),
        ("a: 1\nb: 2\na: 3", "3: a: is given twice, first on line 1"),
        ("a: {b: 1, b: {c: 2}}", "1: a.b: is given twice, first on line 1"),
        ("? [a, {b: c}]\n: 1", "1: : a list or a mapping is refused as a key"),
        ("a: 1\n---\nb: 2\n---\nc: 3", "2: : a second YAML document begins here"),
        ("a: no", "1: a: 'no' without quotes means true or false in YAML; put it in quotes if the word is meant"),
        ("a: ON", "1: a: 'ON' without quotes"),
        ('a: "x\\ny"', "1: a: holds a line break or a control character; write it on one line"),
        ("a: |\n  x\n", "1: a: holds a line break"),
        ('a: "\\ud800"', "1: a: holds a line break or a control character"),
        ('a: "\\u202e"', "1: a: holds a line break or a control character"),
        ("a: [", "1: : not YAML:"),
        ("a:\n\tb", "2: : not YAML: found character '\\t' that cannot start any token"),
        ("a: b: c", "1: : not YAML: mapping values are not allowed here"),
        ("a: 1\nb: {c: ${D}}", "2: : not YAML: expected ',' or '}', but got '{'; inside { } and [ ] a value"),
        ("a: 1\nb: \x07", "2: : character \\x07 is not allowed in YAML"),
        ('a: "\\UFFFFFFFF"', "None: : not YAML: an escape or a number in it is out of range"),
        ("%YAML " + "9" * 5000 + ".1\n---\na: 1", "None: : not YAML"),
        ("a: " + "[" * 100_000, "1: : nested more than 16 levels deep"),
        ("a: 1\nb: " + "{b: " * 20 + "1" + "}" * 20, "2: : nested more than 16 levels deep"),
        ("? " + "[" * 100_000, "1: : a list or a mapping is refused as a key"),
    ],
    ids=lambda value: value[:24],
)
def test_refusals(text: str, problem: str):
    assert found(text)[0].startswith(problem)


def test_a_bomb_of_aliases_does_not_go_off():
    levels = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    document = parse("\n".join(levels))
    assert len(document.problems) == 30 + 29 * 9


def test_nothing_is_constructed(tmp_path: Path):
    target = tmp_path / "made"
    parse(f"a: !!python/object/apply:os.mkdir ['{target}']")
    assert not target.exists()


def test_a_repeated_key_keeps_its_first_value():
    assert parse("a: 1\na: {b: [2]}\nc: 3").value == {"a": "1", "c": "3"}


SOUND = """name: acme
brand: {display: "A b", list: [1, 2, three]}
list:
  - one
  - key: word
    other: 'q''q'
text: >-
  folded
  more
empty: ~
"""
PIECES = [
    "\n",
    " ",
    ":",
    "-",
    ",",
    "[",
    "]",
    "{",
    "}",
    "#",
    "&a ",
    "*a",
    "!t ",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "`",
    "?",
    "~",
]
PIECES += [
    "\n  ",
    "- ",
    ": ",
    "? ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "!!str ",
    "\\x41",
    "  ",
    " #c",
    "\t",
    "\ufeff",
    "\x85",
    "é",
]
EDITS = st.lists(st.tuples(st.integers(0, len(SOUND)), st.sampled_from(PIECES), st.integers(0, 2)), max_size=3)


@settings(max_examples=300)
@given(EDITS)
def test_both_parsers_take_a_text_for_the_same(edits: list[tuple[int, str, int]]):
    """What the quick one finds nothing wrong with, PyYAML itself reads just so."""
    text = SOUND
    for place, piece, left_out in edits:
        text = text[:place] + piece + text[place + left_out :]
    quick = document_module._quickly(text)
    assert quick is None or quick == document_module._thoroughly(text)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
def test_a_sound_text_is_read_by_the_quick_parser_and_no_other():
    assert document_module._quickly(SOUND) == parse(SOUND)
    for text in ("a:\tb", "\ufeffa: b", "a: *b", "a: [", "a: 1\na: 2", "[" * 100, "{a?b: c}", "a: >-# x\n  y"):
        assert document_module._quickly(text) is None
