"""What cfn-lint is not given, and where the file says so; and that what is left it can bear."""

import json

import pytest

from byoaws.lint.flaws import MAX_ALIASES, MAX_KEYS, MAX_NODES, Flaw, flaw

TOPIC = "Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"
DEEP = "the template is nested more than 100 levels deep"
ALIASES = "the template has more than 1,000 aliases; CloudFormation takes none"
NODES = "the template has more than 250,000 nodes once its aliases are followed"
KEYS = "a mapping has more than 5,000 keys"
NUMBER = "a number has more than 1,000 characters"


def laughs(*, merge: bool) -> str:
    """Nine levels of ten aliases each: a billion in half a kilobyte."""
    lines = ["Metadata:", "  a0: &a0 {x: 1}" if merge else "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 10):
        list_of_ten = f"[{', '.join([f'*a{level - 1}'] * 10)}]"
        lines.append(f"  a{level}: &a{level} " + (f"{{<<: {list_of_ten}}}" if merge else list_of_ten))
    return "\n".join(lines) + "\n" + TOPIC


REFUSED = {
    "too deep, flow": ("a: " + "[" * 100, DEEP, 1, 103),
    "too deep, block": ("".join(" " * n + "a:\n" for n in range(1000)), DEEP, 101, 101),
    "too deep, json with tabs": ('{\n\t"a":' + "[" * 10_000, DEEP, 2, 105),
    "billion laughs": (laughs(merge=False), NODES, 7, 17),
    "billion laughs by merging": (laughs(merge=True), NODES, 7, 47),
    "quadratic blow-up": (f"a: &a [{'x,' * 9000}]\nb: [{'*a,' * 900}]\n" + TOPIC, NODES, 2, 83),
    "very many aliases": (f"a: &a x\nb: [{'*a,' * 200_000}]\n" + TOPIC, ALIASES, 2, 3005),
    "very many keys": ("".join(f"k{n}: 1\n" for n in range(100_000)), KEYS, 5001, 1),
    "very many keys, json with tabs": (
        '{\n\t"a": {' + ",".join(f'"k{n}":1' for n in range(100_000)) + "}}",
        KEYS,
        2,
        48_898,
    ),
    "very many items": (f"a: [{'x,' * 900_000}]\n" + TOPIC, NODES, 1, 499_999),
    "very many documents": ("--- x\n" * 300_000, NODES, 250_001, 5),
    "a number to the base of 60": (f"a: 1{':1' * 500_000}\n" + TOPIC, NUMBER, 1, 4),
    "a long number": (f"a: {'1' * 900_000}\n" + TOPIC, NUMBER, 1, 4),
}


@pytest.mark.parametrize(("text", "message", "line", "column"), REFUSED.values(), ids=REFUSED)
def test_what_cfn_lint_could_not_bear_is_refused_where_it_goes_too_far(
    text: str, message: str, line: int, column: int
) -> None:
    assert flaw(text.encode()) == Flaw(message=message, line=line, column=column)


BORNE = {
    "deep": "a: " + "[" * 99 + "]" * 99,
    "aliases": f"a: &a x\nb: [{', '.join(['*a'] * MAX_ALIASES)}]\n",
    "keys": "".join(f"k{n}: 1\n" for n in range(MAX_KEYS)),
    "keys with mappings in them": "".join(f"k{n}: {{a: 1, b: [1, 2]}}\n" for n in range(MAX_KEYS)),
    "nodes": f"a: [{', '.join(['x'] * (MAX_NODES - 3))}]",
    "a long text of digits": f"a: '{'1' * 5000}'\n",
    "a long text": f"a: {'1x' * 5000}\n",
    "an anchor that is used again": "a: &a {b: 1}\nc: *a\n",
    "broken": "a: [1, 2\nb: 3\n",
    "no such anchor": "a: *b\n",
    "an alias of what it is in": "a: &a [*a]\n",
    "json with tabs": '{\n\t"a": {"b": [1, 2, {"c": "]]]]"}]}\n}',
    "brackets that close nothing": "]" * 1000,
    "a byte order mark": "\ufeff" + TOPIC,
}


@pytest.mark.parametrize("text", BORNE.values(), ids=BORNE)
def test_what_cfn_lint_can_bear_is_left_to_it(text: str) -> None:
    assert flaw(text.encode()) is None


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", Flaw(message="the file is empty")),
        (b"\xef\xbb\xbf \n\t\r\n", Flaw(message="the file is empty")),
        (b"a: 1\nb: \0\n", Flaw(message="the file is binary, not a YAML or JSON template", line=2, column=4)),
        ("a: 1".encode("utf-16"), Flaw(message="the file is not UTF-8 text")),
        (b"a: 1\nb: caf\xe9\n", Flaw(message="the file is not UTF-8 text", line=2, column=7)),
        (
            b"#" * 5_000_000,
            Flaw(message="the file is larger than 2,000,000 bytes; CloudFormation takes templates up to 1 MB"),
        ),
    ],
    ids=["empty", "only a byte order mark", "binary", "utf-16", "latin-1", "5 MB"],
)
def test_what_is_no_text_is_refused(data: bytes, found: Flaw) -> None:
    assert flaw(data) == found


def test_quotes_that_never_end_do_not_take_the_square_of_their_number() -> None:
    # A search from each of them to the end would take hours.
    assert flaw(('{\t"' + '\\"' * 900_000).encode()) is None


def test_a_template_of_the_largest_size_that_aws_takes_is_borne() -> None:
    policy = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::bucket/*"}
    resources = {
        f"P{n}": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [policy] * 20}}}
        for n in range(500)
    }
    text = json.dumps({"Resources": resources})
    assert 900_000 < len(text) < 1_000_000
    assert flaw(text.encode()) is None
