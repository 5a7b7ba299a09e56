"""Trust policies, broken and sound: what the judge says, and that AWS's rules bear it out."""

import json
import time
from pathlib import Path

import pytest

from byoaws import libyaml
from byoaws.errors import PolicyError
from byoaws.iam.assume import assume_role
from byoaws.iam.documents import parse
from byoaws.iam.evaluate import Outcome, evaluate
from byoaws.iam.judge import Code, judge
from byoaws.iam.principals import aws_principal

DATA = Path(__file__).parents[1] / "data"
VENDOR, STRANGER, OWN = "111122223333", "444455556666", "999900001111"
ROOT, ROLE = f"arn:aws:iam::{VENDOR}:root", f"arn:aws:iam::{VENDOR}:role/prod/verifier"
ID, WRONG = "byoaws-Acme-3f9c27d1", "byoaws-Acme-84be0017"
ASSUME = "sts:AssumeRole"


def _fill(value, principal):
    if isinstance(value, dict):
        return {key: _fill(inner, principal) for key, inner in value.items()}
    if isinstance(value, list):
        return [_fill(inner, principal) for inner in value]
    if not isinstance(value, str):
        return value
    places = {"vendor_account": VENDOR, "stranger_account": STRANGER, "principal": principal, "external_id": ID}
    for name, found in places.items():
        value = value.replace(f"{{{name}}}", found)
    return value


def _variants(name):
    entries = libyaml.load((DATA / name).read_text(encoding="utf-8"))
    return [
        pytest.param({**entry, "policy": _fill(entry["policy"], principal)}, id=f"{entry['id']}-{kind}")
        for entry in entries
        for kind, principal in (("root", ROOT), ("role", ROLE))
    ]


BROKEN, SOUND = _variants("broken_trust.yaml"), _variants("sound_trust.yaml")


@pytest.mark.parametrize("variant", BROKEN)
def test_broken(variant):
    assert sorted(judge(variant["policy"], trusted=[VENDOR], external_id=ID).codes) == sorted(variant["codes"])


@pytest.mark.parametrize("variant", BROKEN)
def test_broken_as_a_linter_sees_it(variant):
    assert sorted(judge(variant["policy"], own_account=OWN).codes) == sorted(variant.get("lint", variant["codes"]))


@pytest.mark.parametrize("variant", SOUND)
def test_sound(variant):
    assert judge(variant["policy"], trusted=[VENDOR], external_id=ID).weaknesses == ()
    assert judge(variant["policy"], trusted=[VENDOR]).weaknesses == ()
    assert sorted(judge(variant["policy"]).codes) == variant.get("lint", [])


def _opens(policy, external_id):
    # An ordinary call: no second factor, no tags, no organization.
    tags = ("aws:PrincipalTag/vendor", "aws:PrincipalTag/customer")
    absent = ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:PrincipalOrgID", *tags)
    context = {"aws:SourceIp": "203.0.113.7", **dict.fromkeys(absent, ())}
    call = assume_role(aws_principal(ROLE), external_id=external_id, context=context)
    return evaluate(parse(policy), call).outcome is Outcome.ALLOW


@pytest.mark.parametrize("variant", BROKEN)
def test_broken_opens_as_it_is_said_to(variant):
    found = [_opens(variant["policy"], external_id) for external_id in (None, WRONG, ID)]
    assert found == [variant["opens_without"], variant["opens_wrong"], variant["opens_right"]]


@pytest.mark.parametrize("variant", SOUND)
def test_sound_opens_with_the_right_id_only(variant):
    assert [_opens(variant["policy"], external_id) for external_id in (None, WRONG, ID)] == [False, False, True]


def _policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(principal=None, external_id=ID, action=ASSUME, **condition):
    equals = {} if external_id is None else {"StringEquals": {"sts:ExternalId": external_id}}
    for operator, keys in condition.items():
        equals[operator] = {**equals.get(operator, {}), **keys}
    return {"Effect": "Allow", "Principal": principal or {"AWS": ROOT}, "Action": action, "Condition": equals}


ORG = {"aws:PrincipalOrgID": "o-abcdefghij"}
LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": ASSUME}
KNOWN = {"trusted": [VENDOR], "external_id": ID}
GITHUB = {
    "Effect": "Allow",
    "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
}
SAML = {
    "Effect": "Allow",
    "Principal": {"Federated": f"arn:aws:iam::{OWN}:saml-provider/corp"},
    "Action": "sts:AssumeRoleWithSAML",
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
}
OWN_ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": ASSUME}
DENY_OTHERS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:*",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": VENDOR}},
}

# statements, arguments, codes
CASES = {
    "service role": ([LAMBDA], {}, []),
    "service role with source": (
        [{**LAMBDA, "Condition": {"StringEquals": {"aws:SourceAccount": OWN}}}], {}, []),
    "service role that sends no such key": (
        [{**LAMBDA, "Condition": {"StringEquals": {"aws:SourceAcount": OWN}}}], {}, ["never-opens"]),
    "github": ([GITHUB], {}, []),
    "saml": ([SAML], {}, []),
    "any identity provider": (
        [{**GITHUB, "Principal": "*"}], {}, ["anyone"]),
    "star as provider": ([{**GITHUB, "Principal": {"Federated": "*"}}], {}, ["unknown"]),
    "own account": ([OWN_ROOT], {"own_account": OWN}, []),
    "own account, not said to be": ([OWN_ROOT], {}, ["no-external-id"]),
    "own account beside the vendor": (
        [_allow(), OWN_ROOT], {"trusted": [VENDOR], "external_id": ID, "own_account": OWN}, []),
    "own account beside the vendor, not said to be": (
        [_allow(), OWN_ROOT], KNOWN, ["other-principal"]),
    "own role beside the vendor": (
        [_allow(), {**OWN_ROOT, "Principal": {"AWS": f"arn:aws:iam::{OWN}:role/admin"}}],
        {"trusted": [VENDOR], "external_id": ID, "own_account": OWN}, []),
    "service beside the vendor, linted": ([_allow(), LAMBDA], {}, []),
    "root, one role trusted": ([_allow()], {"trusted": [ROLE], "external_id": ID}, ["other-principal"]),
    "root narrowed to the one role trusted": (
        [_allow(ArnLike={"aws:PrincipalArn": ROLE})], {"trusted": [ROLE], "external_id": ID}, []),
    "root narrowed to the one role trusted, by text": (
        [_allow(StringEquals={"aws:PrincipalArn": ROLE})], {"trusted": [ROLE], "external_id": ID}, []),
    "root narrowed to more than the one role trusted": (
        [_allow(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/prod/*"})],
        {"trusted": [ROLE], "external_id": ID}, ["other-principal"]),
    "pattern trusted": (
        [_allow(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/prod/*"})],
        {"trusted": [f"arn:aws:iam::{VENDOR}:role/prod/*"], "external_id": ID}, []),
    "pattern trusted, role of it named": (
        [_allow({"AWS": ROLE})], {"trusted": [f"arn:aws:iam::{VENDOR}:role/prod/*"], "external_id": ID}, []),
    "pattern trusted, other role named": (
        [_allow({"AWS": f"arn:aws:iam::{VENDOR}:role/dev/x"})],
        {"trusted": [f"arn:aws:iam::{VENDOR}:role/prod/*"], "external_id": ID}, ["never-opens", "other-principal"]),
    "narrowed to another role": (
        [_allow(ArnEquals={"aws:PrincipalArn": f"arn:aws:iam::{STRANGER}:role/x"})],
        KNOWN, ["never-opens"]),
    "session named": (
        [_allow({"AWS": f"arn:aws:sts::{VENDOR}:assumed-role/verifier/run"})],
        {"trusted": [ROLE], "external_id": ID}, []),
    "user named": ([_allow({"AWS": f"arn:aws:iam::{VENDOR}:user/bot"})], KNOWN, []),
    "two vendors": (
        [_allow({"AWS": [VENDOR, STRANGER]})], {"trusted": [VENDOR, STRANGER], "external_id": ID}, []),
    "two ids, none said": ([_allow(external_id=[ID, "another-one"])], {"trusted": [VENDOR]}, []),
    "id said, none asked for": ([_allow(external_id=None)], KNOWN, ["no-external-id"]),
    "short id": ([_allow(external_id="ab")], {"trusted": [VENDOR], "external_id": "ab"}, []),
    "id that looks like a number": (
        [_allow(external_id="0123456")], {"trusted": [VENDOR], "external_id": "0123456"}, []),
    "id as a number": (
        [_allow(external_id=None, NumericEquals={"sts:ExternalId": "123456"})],
        {"trusted": [VENDOR], "external_id": "123456"}, ["other-external-id"]),
    "id between dates": (
        [_allow(external_id=None, DateGreaterThan={"sts:ExternalId": "2020-01-01"})], {}, ["any-external-id"]),
    "id as an address": (
        [_allow(external_id=None, IpAddress={"sts:ExternalId": "198.51.100.0/24"})], {}, ["any-external-id"]),
    "id of at most one character": (
        [_allow(external_id=None, StringLike={"sts:ExternalId": "?"})], {}, ["never-opens"]),
    "organization, vendor named": ([_allow(StringEquals=ORG)], KNOWN, []),
    "organization, linted": ([_allow({"AWS": "*"}, StringEquals=ORG)], {}, []),
    "organization without an id, linted": ([_allow({"AWS": "*"}, None, StringEquals=ORG)], {}, ["no-external-id"]),
    "organization if there is one": ([_allow({"AWS": "*"}, StringEqualsIfExists=ORG)], {}, ["anyone"]),
    "any organization": ([_allow("*", StringLike={"aws:PrincipalOrgID": "o-*"})], {}, ["anyone"]),
    "not that organization": ([_allow("*", StringNotEquals=ORG)], {}, ["anyone"]),
    "organization path": (
        [_allow("*", **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/r-ab12/*"}})], {}, []),
    "organization, users only": (
        [_allow("*", StringEquals={**ORG, "aws:PrincipalType": "User"})], KNOWN, ["other-principal"]),
    "all paths of organizations": (
        [_allow("*", **{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}})], {}, ["anyone"]),
    "account if there is one": ([_allow("*", StringEqualsIfExists={"aws:PrincipalAccount": VENDOR})], {}, []),
    "accounts by pattern": (
        [_allow("*", StringLike={"aws:PrincipalAccount": "1111*"})], KNOWN, ["anyone"]),
    "accounts by pattern, nobody said to be trusted": (
        [_allow("*", StringLike={"aws:PrincipalAccount": "1111*"})], {}, ["anyone"]),
    "accounts by pattern of one character": (
        [_allow("*", StringLike={"aws:PrincipalAccount": "11112222333?"})], KNOWN, ["anyone"]),
    "role in accounts by pattern": (
        [_allow("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::1111*:role/vendor"})], {}, ["anyone"]),
    "role by text over colons": ([_allow("*", StringLike={"aws:PrincipalArn": "*:role/vendor-*"})], {}, ["anyone"]),
    "user by text over colons": ([_allow("*", StringLike={"aws:PrincipalArn": "*:user/vendor-*"})], {}, ["anyone"]),
    "role of the vendor by text": (
        [_allow("*", StringLike={"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/v-*"})],
        KNOWN, []),
    "unique id of the vendor's role": (
        [_allow("*", StringLike={"aws:userid": "AROAEXAMPLEEXAMPLE123:*"})], {}, ["never-opens"]),
    "unique id of the vendor's role, trusted": (
        [_allow("*", StringLike={"aws:userid": "AROAEXAMPLEEXAMPLE123:*"})], KNOWN, []),
    "unique id of anybody's role": ([_allow("*", StringLike={"aws:userid": "AROA*"})], {}, ["anyone"]),
    "session name of anybody's role": ([_allow("*", StringLike={"aws:userid": "*:vendor"})], {}, ["anyone"]),
    "user name of anybody": ([_allow("*", StringEquals={"aws:username": "vendor"})], {}, ["anyone"]),
    "user name in the vendor's account": ([_allow(StringLike={"aws:username": "v-*"})], KNOWN, []),
    "id that is the caller's account": (
        [_allow(external_id="${aws:PrincipalAccount}")], KNOWN, ["any-external-id", "never-opens"]),
    "id that is the caller's name": ([_allow(external_id="${aws:username}")], {}, ["any-external-id"]),
    "id that is a variable's default": ([_allow(external_id=f"${{aws:nothing, '{ID}'}}")], KNOWN, []),
    "id that is another default": (
        [_allow(external_id="${aws:nothing, 'another-1'}")], KNOWN, ["any-external-id", "never-opens"]),
    "session of any name": ([_allow("*", StringEquals={"sts:RoleSessionName": "vendor"})], {}, ["anyone"]),
    "address": ([_allow("*", IpAddress={"aws:SourceIp": "203.0.113.0/24"})], {}, ["anyone"]),
    "deny closes for others": ([_allow("*"), DENY_OTHERS], KNOWN, []),
    "deny in doubt does not close": (
        [_allow("*"), {**DENY_OTHERS, "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}],
        {}, ["anyone"]),
    "deny with an unknown operator": (
        [_allow(None, None), {**DENY_OTHERS, "Condition": {"StringIsNot": {"sts:ExternalId": ID}}}],
        KNOWN, ["unknown"]),
    "deny leaves out only the root": (
        [_allow(), {"Effect": "Deny", "NotPrincipal": {"AWS": ROOT}, "Action": ASSUME}],
        KNOWN, ["unknown"]),
    "deny only": ([DENY_OTHERS], {}, ["never-opens"]),
    "deny only, vendor trusted": ([DENY_OTHERS], KNOWN, ["never-opens"]),
    "open to another account": (
        [_allow(), _allow({"AWS": STRANGER}, None)], KNOWN, ["other-principal"]),
    "open to another account, linted": ([_allow(), _allow({"AWS": STRANGER}, None)], {}, ["no-external-id"]),
    "tags only": ([_allow(action="sts:TagSession")], {}, ["never-opens"]),
    "gov partition": (
        [_allow({"AWS": f"arn:aws-us-gov:iam::{VENDOR}:root"},
                ArnLike={"aws:PrincipalArn": f"arn:aws-us-gov:iam::{VENDOR}:role/*"})],
        KNOWN, []),
    "stand-ins for parameters": (
        [_allow({"AWS": "arn:<partition>:iam::<vendor>:root"}, "<id>")], {"own_account": "<own>"}, []),
    "stand-in for an account": ([_allow({"AWS": "<vendor>"}, "<id>")], {"own_account": "<own>"}, []),
    "stand-ins, no id": ([_allow({"AWS": "<vendor>"}, None)], {"own_account": "<own>"}, ["no-external-id"]),
    "stand-in for the own account": (
        [_allow({"AWS": "arn:aws:iam::<own>:root"}, None)], {"own_account": "<own>"}, []),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "arguments", "codes"), CASES.values(), ids=CASES)
def test_case(statements, arguments, codes):
    assert sorted(judge(_policy(*statements), **arguments).codes) == codes


def test_a_weakness_names_its_statement():
    open_one = {"Sid": "Open", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:*"}
    (found,) = judge(_policy(_allow(), open_one), trusted=[VENDOR], external_id=ID).weaknesses
    assert (found.code, found.statement, found.sid) == (Code.NO_EXTERNAL_ID, 1, "Open")
    assert found.message == f"Statement[1] 'Open' lets account {VENDOR} assume the role without an ExternalId"
    assert "StringEquals" in found.fix


@pytest.mark.parametrize(
    ("statements", "arguments", "said"),
    [
        ([_allow("*")], {}, f"Statement[0] lets any AWS account assume the role with ExternalId '{ID}'"),
        (
            [_allow("*", StringEquals={"aws:PrincipalTag/a": "b"})],
            {},
            "(it depends: the value of 'aws:PrincipalTag/a' is not known)",
        ),
        (
            [_allow({"AWS": [ROOT, STRANGER]})],
            KNOWN,
            f"Statement[0] also lets account {STRANGER} assume the role with ExternalId '{ID}'",
        ),
        (
            [_allow(external_id=[ID, "other-1"])],
            KNOWN,
            "with ExternalId 'other-1', which is not the connection's",
        ),
        ([_allow(None, None, StringLike={"sts:ExternalId": "*"})], {}, "which nobody issued"),
        (
            [_allow(None, None, StringEquals={"sts:ExternlId": ID})],
            KNOWN,
            f"{VENDOR} cannot assume the role with ExternalId '{ID}'; AWS sends no key 'sts:ExternlId' "
            "with AssumeRole; 'sts:ExternalId' is near",
        ),
        ([_allow(None, None, StringIs={"sts:ExternalId": ID})], {}, "'StringIs' is not a condition operator"),
    ],
    ids=["anyone", "depends", "other principal", "other id", "any id", "misspelt", "unknown"],
)
def test_what_people_are_told(statements, arguments, said):
    messages = [weakness.message for weakness in judge(_policy(*statements), **arguments).weaknesses]
    assert any(said in message for message in messages), messages


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Resource": "*"}, "has a Resource"),
        ({"NotResource": "*"}, "has a Resource"),
        ({"Principal": None}, "no Principal"),
    ],
    ids=["resource", "not resource", "no principal"],
)
def test_what_is_no_trust_policy_is_refused(change, said):
    statement = {key: value for key, value in {**_allow(), **change}.items() if value is not None}
    with pytest.raises(PolicyError) as caught:
        judge(_policy(statement))
    assert said in caught.value.message


def test_every_code_is_covered_by_a_broken_policy():
    covered = {code for variant in BROKEN for code in variant.values[0]["codes"]}
    assert covered == {code.value for code in Code}


def test_judging_is_fast_enough_for_a_linter():
    statement = _allow(
        {"AWS": [f"1111222233{number:02}" for number in range(12)]}, [f"id-{number}" for number in range(12)]
    )
    started = time.perf_counter()
    judge(json.dumps(_policy(statement, DENY_OTHERS)), trusted=[VENDOR], external_id=ID)
    assert time.perf_counter() - started < 5
