"""`${NAME}` in values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.vendors.document import parse
from byoaws.vendors.substitute import expand, substitute

ENV = {"A": "alpha", "EMPTY": "", "INNER": "${A}", "LINE": "a\nb", "TRICK": "x: [1, 2] # {", "LONG": "x" * 4097}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("${A}", "alpha"),
        ("<${A}-${A}>", "<alpha-alpha>"),
        ("${A:-other}", "alpha"),
        ("${B:-other}", "other"),
        ("${B:-}", ""),
        ("${EMPTY}", ""),
        ("${EMPTY:-other}", "other"),
        ("${B:-https://h/p:1?a=$b}", "https://h/p:1?a=$b"),
        ("$${A}", "${A}"),
        ("$${A} ${A}", "${A} alpha"),
        ("$A $ $$ {A}", "$A $ $$ {A}"),
        ("${INNER}", "${A}"),
        ("${TRICK}", "x: [1, 2] # {"),
    ],
)
def test_expand(text: str, result: str):
    expansion = expand(text, ENV)
    assert (expansion.text, expansion.mistakes) == (result, ())


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("${B}", "environment variable B is not set; set it, or write ${B:-default}"),
        ("${LINE}", "environment variable LINE holds a line break or a control character"),
        ("${LINE:-x}", "environment variable LINE holds a line break or a control character"),
        ("${LONG}", "environment variable LONG is longer than 4096 characters"),
        ("${", "'${' without a variable; write ${NAME} or ${NAME:-default}, or $${ for the characters"),
        ("${}", "'${' without"),
        ("${1A}", "'${' without"),
        ("${A B}", "'${' without"),
        ("${A-x}", "'${' without"),
        ("${A:?x}", "'${' without"),
        ("${B:-${A}}", "'${' without"),
    ],
)
def test_mistakes(text: str, mistake: str):
    found = expand(text, ENV).mistakes
    assert len(found) == 1
    assert found[0].startswith(mistake)


def test_all_mistakes_of_one_value():
    assert len(expand("${B} ${C} ${", ENV).mistakes) == 3


def test_only_values_are_filled_in_and_remember_their_variables():
    document = parse('"${A}": 1\nb: [x, "${A}"]\nc: "${B}"\nd: ~\ne: "${Z:-z}"')
    substitute(document, ENV)
    assert document.value == {"${A}": "1", "b": ["x", "alpha"], "c": None, "d": None, "e": "z"}
    assert document.variables == {("b", 1): ("A",)}
    assert document.unusable == {("c",)}
    assert [(problem.where, problem.line) for problem in document.problems] == [("c", 3)]


@given(st.text())
def test_a_value_from_the_environment_cannot_add_anything(value: str):
    document = parse("a: ${A}\nb: 1")
    substitute(document, {"A": value})
    usable = () not in document.unusable and ("a",) not in document.unusable
    assert document.value == {"a": value if usable else None, "b": "1"}


@given(st.text(alphabet="${}:-AB x"))
def test_expand_never_raises(text: str):
    expand(text, ENV)
