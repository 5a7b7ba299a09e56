"""Role ARNs: read, written, and refused with the part that is wrong."""

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.arn import PARTITIONS, RoleArn, parse_role_arn
from byoaws.errors import ArnError

NAMES = st.text(string.ascii_letters + string.digits + "_+=,.@-", min_size=1, max_size=64)
PATHS = st.lists(st.text(string.ascii_letters + string.digits + "!#.:-~", min_size=1, max_size=12), max_size=4).map(
    lambda parts: "/" + "".join(f"{part}/" for part in parts)
)
ARNS = st.builds(
    RoleArn,
    partition=st.sampled_from(PARTITIONS),
    account_id=st.text(string.digits, min_size=12, max_size=12),
    path=PATHS,
    name=NAMES,
)


@given(ARNS)
def test_what_is_written_is_read_back(arn: RoleArn) -> None:
    assert parse_role_arn(str(arn)) == arn


@given(st.one_of(st.text(max_size=60), st.builds("arn:aws:iam::111122223333:role/{}".format, st.text(max_size=60))))
def test_garbage_is_refused_or_is_an_arn(text: str) -> None:
    with contextlib.suppress(ArnError):
        assert str(parse_role_arn(text)) == text


ROLE = "arn:aws:iam::111122223333:role/"
REFUSED = {
    "empty": ("", "is not an ARN"),
    "name alone": ("AccessRole", "is not an ARN"),
    "unknown partition": (ROLE.replace("aws", "aws-x") + "x", "'aws-x' is not an AWS partition"),
    "session": ("arn:aws:sts::111122223333:assumed-role/x/y", "is a session of a role"),
    "user": (ROLE.replace("role", "user") + "x", "is not the ARN of an IAM role"),
    "root": ("arn:aws:iam::111122223333:root", "is not the ARN of an IAM role"),
    "bucket": ("arn:aws:s3:::bucket", "is not the ARN of an IAM role"),
    "region": ("arn:aws:iam:eu-west-1:111122223333:role/x", "is not the ARN of an IAM role"),
    "short account": ("arn:aws:iam::1111:role/x", "is not 12 digits"),
    "other digits": (f"arn:aws:iam::{chr(0x661) * 12}:role/x", "is not 12 digits"),
    "no name": (ROLE, "is not a role name"),
    "path alone": (ROLE + "a/", "is not a role name"),
    "long name": (ROLE + "x" * 65, "is not a role name"),
    "line break": (ROLE + "x\n", "is not a role name"),
    "wildcard": (ROLE + "*", "is not a role name"),
    "long path": (ROLE + "p" * 512 + "/x", "is not a role path"),
    "empty part of a path": (ROLE + "a//x", "is not a role path"),
    "blank in a path": (ROLE + "a b/x", "is not a role path"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_role(text: str, why: str) -> None:
    with pytest.raises(ArnError) as refused:
        parse_role_arn(text)
    assert why in refused.value.message
    assert refused.value.hint
