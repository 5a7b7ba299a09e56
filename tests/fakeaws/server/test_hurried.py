"""The embedded AWS of the tests hurries, and is no other for it: functions are forked, and end as ever."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from byoaws.fakeaws.interface import Account, FakeAws

REGION = "eu-west-1"
TELLS = """
import os, sys
print("loaded")
def handler(event, context):
    os.environ["LEFT"] = os.environ.get("LEFT", "") + "x"
    return {"program": sys.orig_argv[-1], "main": sys.argv, "folder": os.getcwd(), "env": dict(os.environ)}
"""
SLEEPS = """
import os, time
def handler(event, context):
    with open(event["note"], "w") as note:
        note.write(str(os.getpid()))
    while True:
        time.sleep(60)
"""
DIES = """
import os
def handler(event, context):
    os._exit(7)
"""


@pytest.fixture
def invoke(
    fake_aws: FakeAws, aws_customer: Account, deploy_function: Callable[[FakeAws, Account, str], str]
) -> Callable[..., Any]:
    """Make a function, and call it as often as there are events."""

    def run(source: str, *events: Any, timeout: int = 60) -> list[dict[str, Any]]:
        lambda_ = fake_aws.client(aws_customer, "lambda", REGION)
        name = deploy_function(fake_aws, aws_customer, source)
        lambda_.update_function_configuration(FunctionName=name, Timeout=timeout)
        answers = [lambda_.invoke(FunctionName=name, Payload=json.dumps(event)) for event in events]
        return [json.load(answer["Payload"]) for answer in answers]

    return run


def test_a_function_is_forked_and_has_its_own_environment(invoke: Callable[..., Any]) -> None:
    """Were none listening, each would be a process that imports boto3: slow, and nobody would notice."""
    first, again = invoke(TELLS, {}, {})
    (other,) = invoke(TELLS, {})
    assert {Path(one["program"]).name for one in (first, again, other)} == {"forked_functions.py"}
    assert [Path(one["main"][0]).name for one in (first, other)] == ["_worker.py", "_worker.py"]
    assert (first["env"]["LEFT"], again["env"]["LEFT"], other["env"]["LEFT"]) == ("x", "xx", "x")
    assert first["env"]["AWS_LAMBDA_FUNCTION_NAME"] != other["env"]["AWS_LAMBDA_FUNCTION_NAME"]
    assert first["env"]["AWS_ACCESS_KEY_ID"] != other["env"]["AWS_ACCESS_KEY_ID"]
    assert first["folder"] != other["folder"]


def test_a_function_that_takes_too_long_is_ended(invoke: Callable[..., Any], tmp_path: Path) -> None:
    note = tmp_path / "note"
    (answer,) = invoke(SLEEPS, {"note": str(note)}, timeout=1)
    assert "timed out" in json.dumps(answer)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(int(note.read_text()), 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    pytest.fail("it still runs")


def test_a_function_that_dies_is_told_of(invoke: Callable[..., Any]) -> None:
    (answer,) = invoke(DIES, {})
    assert "errorMessage" in answer
