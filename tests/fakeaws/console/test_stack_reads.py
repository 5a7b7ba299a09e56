"""Reading a stack, and nothing else, is allowed more widely in the embedded AWS than in AWS."""

from typing import Any

import pytest

from byoaws.fakeaws.console.stack_reads import also_any_stack

STACK = "arn:aws:cloudformation:eu-west-1:444455556666:stack/mail/1a2b"
READ = "cloudformation:DescribeStackResources"


@pytest.mark.parametrize(
    ("effect", "action", "resource"),
    [
        pytest.param("Allow", READ, "*", id="one"),
        pytest.param("Allow", [READ], "*", id="a list of one"),
        pytest.param("Allow", [READ, "cloudformation:DeleteStack"], STACK, id="beside another"),
        pytest.param("Allow", "cloudformation:*", STACK, id="pattern"),
        pytest.param("Deny", READ, STACK, id="denied"),
    ],
)
def test_resource(effect: str, action: Any, resource: str) -> None:
    given = {"Effect": effect, "Action": action, "Resource": STACK}
    assert also_any_stack({"Statement": given}) == {"Statement": [{**given, "Resource": resource}]}
