"""Policy documents: what is read, what is refused, and that nothing is lost on the way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import PolicyError
from byoaws.iam.documents import Condition, Principals, parse

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TEXTS = st.text(max_size=8)
LISTS = st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=3))
SCALARS = st.one_of(
    TEXTS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
CONDITIONS = st.dictionaries(
    TEXTS, st.dictionaries(TEXTS, st.one_of(SCALARS, st.lists(SCALARS, max_size=3)), max_size=2), max_size=2
)
KINDS = st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"])
PRINCIPALS = st.one_of(st.just("*"), st.dictionaries(KINDS, LISTS, min_size=1))


@st.composite
def statements(draw):
    found = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        draw(st.sampled_from(["Action", "NotAction"])): draw(LISTS),
    }
    optional = {
        draw(st.sampled_from(["Principal", "NotPrincipal"])): PRINCIPALS,
        draw(st.sampled_from(["Resource", "NotResource"])): LISTS,
        "Sid": TEXTS,
        "Condition": CONDITIONS,
    }
    return found | {key: draw(values) for key, values in optional.items() if draw(st.booleans())}


@st.composite
def documents(draw):
    found = draw(st.one_of(statements(), st.lists(statements(), min_size=1, max_size=3)))
    head = draw(st.sampled_from([{}, {"Version": "2008-10-17"}, {"Version": "2012-10-17", "Id": "some id"}]))
    return {**head, "Statement": found}


@given(documents())
def test_a_document_survives_being_read_and_written(document):
    policy = parse(document)
    assert parse(policy.to_json()) == policy
    assert parse(json.dumps(policy.to_json())) == policy
    assert parse(policy.to_json()).to_json() == policy.to_json()


@given(
    st.recursive(st.one_of(st.none(), SCALARS), lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXTS, inner)))
)
def test_whatever_is_no_document_is_refused(value):
    with pytest.raises(PolicyError):
        parse(json.dumps(value))
    with pytest.raises(PolicyError):
        parse({"Statement": value})


@given(st.text())
def test_text_is_read_or_refused(text):
    with pytest.raises(PolicyError):
        parse(text)


def _with(**changes):
    return {"Version": "2012-10-17", "Statement": {**ALLOW, **changes}}


def _without(key):
    return {"Statement": {name: value for name, value in ALLOW.items() if name != key}}


REFUSED = {
    "unknown document key": ({"Statement": ALLOW, "Statment": []}, "unknown key 'Statment'"),
    "unknown version": ({"Version": "2012-10-18", "Statement": ALLOW}, "Version"),
    "version not text": ({"Version": 2012, "Statement": ALLOW}, "Version"),
    "id not text": ({"Id": 1, "Statement": ALLOW}, "Id"),
    "no statement": ({"Version": "2012-10-17"}, "no Statement"),
    "empty statements": ({"Statement": []}, "Statement"),
    "statement is text": ({"Statement": "Allow"}, "Statement"),
    "statement in list is text": ({"Statement": [ALLOW, "Allow"]}, "Statement[1]"),
    "unknown key": (_with(Principle="*"), "Statement[0]: unknown key 'Principle'"),
    "key in another case": (_with(action="x"), "unknown key 'action'"),
    "no effect": (_without("Effect"), "Statement[0]: has no Effect"),
    "effect in another case": (_with(Effect="allow"), "Statement[0].Effect"),
    "effect is a list": (_with(Effect=["Allow"]), "Statement[0].Effect"),
    "no action": (_without("Action"), "neither Action nor NotAction"),
    "both actions": (_with(NotAction="s3:*"), "both Action and NotAction"),
    "both principals": (_with(Principal="*", NotPrincipal="*"), "both Principal and NotPrincipal"),
    "both resources": (_with(NotResource="*"), "both Resource and NotResource"),
    "action is a number": (_with(Action=1), "Statement[0].Action"),
    "no actions": (_with(Action=[]), "Statement[0].Action"),
    "action in list is a number": (_with(Action=["s3:*", 1]), "Statement[0].Action"),
    "sid is a number": (_with(Sid=1), "Statement[0].Sid"),
    "sid is null": (_with(Sid=None), "Statement[0].Sid"),
    "principal is text": (_with(Principal="123456789012"), "Statement[0].Principal"),
    "principal is a list": (_with(Principal=["*"]), "Statement[0].Principal"),
    "principal is empty": (_with(Principal={}), "Statement[0].Principal"),
    "principal of unknown kind": (_with(Principal={"aws": "*"}), "Statement[0].Principal: unknown key 'aws'"),
    "principal is a number": (_with(Principal={"AWS": 123456789012}), "Statement[0].Principal.AWS"),
    "condition is a list": (_with(Condition=[]), "Statement[0].Condition"),
    "operator without keys": (_with(Condition={"StringEquals": "x"}), "Statement[0].Condition.StringEquals"),
    "operator is a number": (_with(Condition={1: {"a": "b"}}), "Statement[0].Condition"),
    "key is a number": (_with(Condition={"StringEquals": {1: "b"}}), "Statement[0].Condition.StringEquals"),
    "value is an object": (_with(Condition={"StringEquals": {"a": {"Ref": "X"}}}), "Condition.StringEquals.a"),
    "value is null": (_with(Condition={"StringEquals": {"a": None}}), "Condition.StringEquals.a"),
    "value is infinite": (_with(Condition={"NumericEquals": {"a": float("inf")}}), "Condition.NumericEquals.a"),
    "value is immense": (_with(Condition={"NumericEquals": {"a": 10**5000}}), "Condition.NumericEquals.a"),
}


@pytest.mark.parametrize(("document", "said"), REFUSED.values(), ids=REFUSED)
def test_refused_with_its_place(document, said):
    with pytest.raises(PolicyError) as caught:
        parse(document)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*"}}', "'Effect' stands twice"),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"A": {"k": "1", "k": "2"}}}}',
            "'k' stands twice",
        ),
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"Statement": ' + "1" * 5000 + "}", "not JSON"),
        ("null", "not an object"),
    ],
    ids=["effect twice", "condition key twice", "cut off", "deep", "long number", "null"],
)
def test_refused_text(text, said):
    with pytest.raises(PolicyError) as caught:
        parse(text)
    assert said in caught.value.message


def test_numbers_and_booleans_become_the_text_that_aws_compares():
    policy = parse(_with(Condition={"NumericLessThan": {"a": [10, 2.5]}, "Bool": {"b": True}}))
    assert policy.statements[0].conditions == (
        Condition(operator="NumericLessThan", key="a", values=("10", "2.5")),
        Condition(operator="Bool", key="b", values=("true",)),
    )


def test_canonical_form():
    document = {
        "Statement": {
            "Condition": {"Bool": {"aws:SecureTransport": False}},
            "Action": ["sts:AssumeRole"],
            "Principal": {"Service": "a.amazonaws.com", "AWS": ["1", "2"]},
            "Effect": "Deny",
            "Sid": "",
        },
        "Version": "2012-10-17",
    }
    assert json.dumps(parse(document).to_json()) == json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Deny",
                    "Principal": {"AWS": ["1", "2"], "Service": "a.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    )


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("*", Principals(anyone=True)),
        ({"AWS": "*"}, Principals(aws=("*",))),
        (
            {"Service": ["a", "b"], "Federated": "c", "CanonicalUser": "d"},
            Principals(service=("a", "b"), federated=("c",), canonical_user=("d",)),
        ),
    ],
    ids=["star", "aws star", "others"],
)
def test_principals(found, wanted):
    assert parse(_with(Principal=found)).statements[0].principals == wanted


def test_label_names_place_and_sid():
    policy = parse({"Statement": [ALLOW, {**ALLOW, "Sid": "Read"}]})
    assert [statement.label for statement in policy.statements] == ["Statement[0]", "Statement[1] 'Read'"]
