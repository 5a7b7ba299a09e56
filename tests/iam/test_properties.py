"""What holds for any policy and any request."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from byoaws.errors import PolicyError
from byoaws.iam.assume import assume_role
from byoaws.iam.context import Lookup
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, Request, evaluate
from byoaws.iam.judge import judge
from byoaws.iam.principals import ANONYMOUS, aws_principal, federated_principal, service_principal

KEYS = st.sampled_from(["sts:ExternalId", "aws:PrincipalArn", "aws:SourceIp", "aws:username", "x"])
NAMES = st.sampled_from(
    [
        *("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "Bool", "Null"),
        *("NumericEquals", "NumericLessThan", "NumericNotEquals", "DateLessThan", "DateNotEquals", "BinaryEquals"),
        *("IpAddress", "NotIpAddress", "ArnLike", "ArnNotEquals", "Nonsense"),
    ]
)
OPERATORS = st.builds(
    "{}{}{}".format, st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]), NAMES, st.sampled_from(["", "IfExists"])
)
VALUES = st.one_of(
    st.sampled_from(
        ["abc", "ABC", "a*", "*", "1", "true", "203.0.113.0/24", "2024-01-01", "${x}", "${x, 'abc'}", "${"]
    ),
    st.sampled_from(["arn:aws:iam::111122223333:role/*", "203.0.113.5", "eve"]),
    st.text(max_size=4),
)
CONDITIONS = st.dictionaries(
    OPERATORS, st.dictionaries(KEYS, st.lists(VALUES, max_size=2), min_size=1, max_size=2), max_size=2
)
PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": "111122223333"},
        {"AWS": "arn:aws:iam::111122223333:role/a"},
        {"AWS": "arn:aws:iam::111122223333:role/*"},
        {"AWS": ["AROAEXAMPLEEXAMPLE123", "arn:aws:iam::444455556666:root"]},
        {"Service": "ec2.amazonaws.com"},
        {"Federated": "accounts.google.com"},
        {"CanonicalUser": "79a5"},
    ]
)
ACTIONS = st.sampled_from(["sts:AssumeRole", "sts:*", "*", "STS:assume*", "sts:TagSession", "s3:GetObject"])
CALLERS = st.sampled_from(
    [
        ANONYMOUS,
        aws_principal("arn:aws:iam::111122223333:role/a"),
        aws_principal("arn:aws:iam::111122223333:user/eve"),
        aws_principal("arn:aws:sts::444455556666:assumed-role/b/s"),
        aws_principal("444455556666"),
        service_principal("ec2.amazonaws.com"),
        federated_principal("accounts.google.com"),
    ]
)


# Made once: to make a strategy takes longer than to draw from it.
STATEMENT_KEYS = st.tuples(
    st.sampled_from(["Principal", "Principal", "NotPrincipal"]), st.sampled_from(["Action", "Action", "NotAction"])
)


def statements(*effects):
    return st.builds(
        lambda effect, keys, principal, action, condition: {
            "Effect": effect,
            keys[0]: principal,
            keys[1]: action,
            "Condition": condition,
        },
        st.sampled_from(effects),
        STATEMENT_KEYS,
        PRINCIPALS,
        ACTIONS,
        CONDITIONS,
    )


STATEMENTS, DENIES = statements("Allow", "Deny"), statements("Deny")
DOCUMENTS = st.fixed_dictionaries(
    {
        "Version": st.sampled_from(["2012-10-17", "2008-10-17"]),
        "Statement": st.lists(STATEMENTS, min_size=1, max_size=3),
    }
)


def _guarded(principal, condition):
    """A statement near the sound one."""
    condition["StringEquals"] = {**condition.get("StringEquals", {}), "sts:ExternalId": "abc"}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}


GUARDED = st.builds(_guarded, st.one_of(st.just({"AWS": "111122223333"}), PRINCIPALS), CONDITIONS)
NEARLY_SOUND = st.builds(
    lambda first, further: {"Version": "2012-10-17", "Statement": [first, *further]},
    GUARDED,
    st.lists(st.one_of(GUARDED, STATEMENTS, DENIES), max_size=2),
)
CONTEXTS = st.dictionaries(KEYS, st.one_of(VALUES, st.lists(VALUES, max_size=2)))
REQUESTS = st.builds(
    Request,
    principal=CALLERS,
    action=st.sampled_from(["sts:AssumeRole", "s3:GetObject"]),
    resource=st.sampled_from([None, "arn:aws:iam::999900001111:role/target"]),
    context=CONTEXTS,
    absent=st.lists(KEYS, max_size=2),
    may_have=st.sampled_from([None, (), ("x",), ("aws:*",)]),
)


@given(DOCUMENTS, REQUESTS)
def test_a_decision_comes_of_anything(document, request):
    decision = evaluate(parse(document), request)
    assert bool(decision.doubts) is (decision.outcome is Outcome.UNKNOWN)
    assert decision.reason


@given(DOCUMENTS, DENIES, REQUESTS)
def test_a_further_deny_never_allows(document, deny, request):
    before = evaluate(parse(document), request).outcome
    after = evaluate(parse({**document, "Statement": [*document["Statement"], deny]}), request).outcome
    assert after is not Outcome.ALLOW or before is Outcome.ALLOW


@given(DOCUMENTS, REQUESTS)
def test_the_order_of_statements_decides_nothing(document, request):
    backwards = {**document, "Statement": document["Statement"][::-1]}
    assert evaluate(parse(document), request).outcome is evaluate(parse(backwards), request).outcome


@given(DOCUMENTS, CALLERS, CONTEXTS, st.data())
def test_knowing_less_never_turns_anything_into_its_opposite(document, caller, context, data):
    """A key whose value is taken away is not known, and then the outcome is the same or UNKNOWN."""
    full = Request(principal=caller, action="sts:AssumeRole", resource="*", context=context, may_have=())
    given_keys = {key.lower() for key in context}
    forgotten = data.draw(st.sets(st.sampled_from(sorted(given_keys)))) if given_keys else set()
    rest = {key: value for key, value in full.known().values.items() if key not in forgotten}
    less = Request(principal=caller, action="sts:AssumeRole", resource="*", context=rest, may_have=tuple(forgotten))
    # What follows from the caller cannot be forgotten: it would only be known otherwise.
    assume(all(less.known()[key] is Lookup.NOT_KNOWN for key in forgotten))
    before, after = evaluate(parse(document), full).outcome, evaluate(parse(document), less).outcome
    denied = (Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY)
    # A Deny that is in doubt, where nothing else allows, leaves an implicit deny.
    assert after in (before, Outcome.UNKNOWN) or (before in denied and after in denied)


@given(DOCUMENTS, st.sampled_from([(), ("111122223333",)]), st.sampled_from([None, "abc"]))
def test_a_judgement_comes_of_anything(document, trusted, external_id):
    judgement = judge(document, trusted=trusted, external_id=external_id)
    assert judgement == judge(json.dumps(document), trusted=trusted, external_id=external_id)
    for weakness in judgement.weaknesses:
        assert weakness.message
        assert weakness.fix


@given(NEARLY_SOUND, CONTEXTS, st.sampled_from([None, "abc", "ABC", "a-random-one"]))
def test_whom_the_judge_finds_sound_lets_no_vendor_in_without_the_right_id(document, context, external_id):
    """Held against `evaluate` itself, with whatever else may be in the context."""
    judgement = judge(document, trusted=("111122223333",), external_id="abc")
    others = {key: value for key, value in context.items() if key in ("aws:SourceIp", "x")}
    for arn in ("arn:aws:iam::111122223333:role/a", "arn:aws:iam::777788889999:role/a"):
        call = assume_role(aws_principal(arn), external_id=external_id, context=others)
        trusted = "111122223333" in arn
        if evaluate(parse(document), call).outcome is Outcome.ALLOW and not (trusted and external_id == "abc"):
            assert not judgement.sound


@given(st.text(max_size=40))
def test_judging_text_that_is_no_policy_is_refused(text):
    with pytest.raises(PolicyError):
        judge(text)
