import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.lint.code.inline_source import nearest, node_flaw, node_names, plainly_defines, python_flaw, python_names

OPAQUE = "opaque-0123456789abcdef0123"
OLDEST = "python3.9"
"""No newer than the Python that runs the tests, so that nothing gets the benefit of the doubt."""

BROKEN = {
    "colon": ("def handler(event, context)\n    return 1\n", 1),
    "indent": ("def handler(event, context):\nreturn 1\n", 2),
    "bracket": ("x = 1\ndef handler(event, context):\n    return (event\n", 3),
    "return outside": ("x = 1\nreturn x\n", 2),
    "tabs and spaces": ("if True:\n\tx = 1\n        y = 2\n", 3),
    "ends too early": ("def handler(event, context):\n", 1),
    "python 2": ("print 'hello'\n", 1),
    "conflict marker": ("<<<<<<< HEAD\nx = 1\n", 1),
    "null byte": ("x = 1\0\n", 1),
    "too deep": ("(" * 300 + ")" * 300, 1),
    "misnomer": ("import os\nimport cfn_response\n", 2),
    "misnomer from": ("from cfn_response import send\n", 1),
}


@pytest.mark.parametrize(("source", "line"), BROKEN.values(), ids=BROKEN)
def test_what_does_not_load_is_found_in_its_line(source: str, line: int) -> None:
    flaw = python_flaw(source, OLDEST)
    assert flaw is not None
    assert (flaw.line, bool(flaw.message)) == (line, True)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import cfnresponse\n",
        "import re\nre.match('\\d', '1')\n",
        "# cfn_response is not the name\n",
        f"def handler(event, context):\n    return '{OPAQUE}'\n",
        f"def handler(event, context):\n    {OPAQUE} nonsense\n",
        "-" * 100_000 + "1",
        "a" + ".b" * 100_000,
        "a=1\n" * 100_000,
    ],
    ids=["empty", "cfnresponse", "escape", "comment", "in a text", "unreadable", "deep", "long", "large"],
)
def test_what_loads_or_cannot_be_told_is_left_alone(source: str) -> None:
    assert python_flaw(source, OLDEST) is None


@pytest.mark.parametrize("runtime", ["python2.7", "nodejs22.x", "ruby3.3", "provided.al2023", OPAQUE, ""])
def test_other_languages_are_left_alone(runtime: str) -> None:
    assert python_flaw("print 'hello'", runtime) is None


@pytest.mark.parametrize(
    "source",
    [
        'x = f"{y["z"]}"\n',
        "type X = int\n",
        "def f[T](x: T): ...\n",
        "try:\n    x\nexcept A, B:\n    pass\n",
        't"x" + 1\n',
    ],
)
def test_syntax_that_is_newer_than_the_linter_s_python_is_left_alone(source: str) -> None:
    assert python_flaw(source, f"python3.{sys.version_info.minor + 9}") is None


def test_an_error_that_is_one_in_every_python_is_found_all_the_same() -> None:
    flaw = python_flaw("def handler(event, context)\n    return 1\n", f"python3.{sys.version_info.minor + 9}")
    assert flaw is not None


@given(source=st.text(), runtime=st.sampled_from(["python3.13", "nodejs22.x"]))
def test_any_text_at_all_is_judged_without_an_error(source: str, runtime: str) -> None:
    flaw = python_flaw(source, runtime) or node_flaw(source, runtime)
    assert flaw is None or 1 <= flaw.line <= max(1, len(source.splitlines()))
    python_names(source)
    node_names(source)


NAMES = {
    "function": ("def handler(): ...", {"handler"}),
    "coroutine": ("async def handler(): ...", {"handler"}),
    "assigned": ("handler = print", {"handler"}),
    "in pairs": ("a, handler = 1, print", {"a", "handler"}),
    "imported": ("from json import loads as handler", {"handler"}),
    "in try": ("try:\n    import json\nexcept ImportError:\n    json = None", {"json"}),
    "class": ("class Handler: ...", {"Handler"}),
    "stand-in in a text": (f"TABLE = '{OPAQUE}'\ndef handler(): ...", {"TABLE", "handler"}),
    "stand-in in a comment": (f"# {OPAQUE}\ndef handler(): ...", {"handler"}),
}


@pytest.mark.parametrize(("source", "names"), NAMES.values(), ids=NAMES)
def test_names_that_a_module_defines(source: str, names: set[str]) -> None:
    assert python_names(source) == names


@pytest.mark.parametrize(
    "source",
    [
        "from x import *",
        "globals()['handler'] = 1",
        "exec('x')",
        f"{OPAQUE}",
        f"def {OPAQUE}(): ...",
        "def (",
        "a=1\n" * 100_000,
    ],
)
def test_names_that_cannot_be_told(source: str) -> None:
    assert python_names(source) is None


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("exports.handler = async () => 1;", {"handler"}),
        ("module.exports.handler = 1; exports['other'] = 2", {"handler", "other"}),
        ("const x = 1;", set()),
        ("module.exports = {handler};", None),
        ("export const handler = 1;", None),
        ("Object.assign(exports, x);", None),
        ("const e = exports; e.handler = 1;", None),
        (f"exports.{OPAQUE} = 1", None),
    ],
)
def test_names_that_node_exports(source: str, names: set[str] | None) -> None:
    assert node_names(source) == names


def test_node_s_response_module_has_another_name() -> None:
    flaw = node_flaw("\nconst r = require('cfnresponse');", "nodejs22.x")
    assert flaw is not None
    assert (flaw.line, flaw.is_module) == (2, True)
    assert node_flaw("require('cfn-response')", "nodejs22.x") is None
    assert node_flaw("require('cfnresponse')", "python3.13") is None


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("def handler(e, c): ...", True),
        ("exports.handler = 1", True),
        ("def handlers(e, c): ...", False),
        ("handler", False),
    ],
)
def test_the_plain_case_is_seen_without_parsing(source: str, plain: bool) -> None:
    assert plainly_defines(source, "handler") is plain


@pytest.mark.parametrize(
    ("name", "names", "meant"),
    [
        ("handle", {"handler", "x"}, "handler"),
        ("main", {"lambda_handler", "x"}, "lambda_handler"),
        ("main", {"x"}, None),
    ],
)
def test_what_was_probably_meant(name: str, names: set[str], meant: str | None) -> None:
    assert nearest(name, frozenset(names)) == meant
