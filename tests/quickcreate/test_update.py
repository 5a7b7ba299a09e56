"""What a customer runs to change one parameter, or the secret: by a real shell, with a stand-in for `aws`."""

import json
import os
import subprocess
from pathlib import Path

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.quickcreate import webhook_secret
from byoaws.quickcreate.update import console_steps, query, rewrite_secret_commands, update_commands

KEY = "whsec_" + "QUJD" * 10 + "QUI="
ARN = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:s-AbCdEf"
# Says what it was given; keeps the secret in a file, as Secrets Manager would.
AWS = """#!/bin/sh
printf '%s\\n' "$*" >> calls
case "$2" in
  get-secret-value) cat secret ;;
  put-secret-value) cat /dev/stdin > new && mv new secret && echo version ;;
  describe-stacks) echo '[]' ;;
esac
exit "${FAIL:-0}"
"""


@pytest.fixture
def shell(tmp_path: Path):
    """Run commands as a customer does, with `aws` replaced."""
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(AWS)
    aws.chmod(0o755)
    openssl = aws.with_name("openssl")
    openssl.write_text("#!/bin/sh\n[ \"$*\" = 'rand -base64 32' ] && head -c 32 /dev/urandom | base64\n")
    openssl.chmod(0o755)
    (tmp_path / "secret").write_text(KEY)

    def run(*commands: str, **env: str) -> str:
        for command in commands:
            path = f"{aws.parent}:{os.environ['PATH']}"
            subprocess.run(["sh", "-ec", command], cwd=tmp_path, env={"PATH": path, **env}, check=not env, timeout=30)
        return (tmp_path / "secret").read_text()

    return run


@given(st.text(min_size=1), st.text())
def test_any_parameter_and_value(name: str, value: str) -> None:
    described = {
        "Stacks": [{"Parameters": [{"ParameterKey": key, "ParameterValue": "v"} for key in (name, name + "x")]}]
    }
    assert jmespath.search(query(name, value), described) == [
        {"ParameterKey": name + "x", "UsePreviousValue": True},
        {"ParameterKey": name, "ParameterValue": value},
    ]


def test_a_stack_is_updated_with_the_template_it_has(shell, tmp_path: Path) -> None:
    commands = update_commands(
        region="eu-west-1",
        stack_name="mail; rm -rf x",
        parameter="ExternalId",
        value="a'b",
        capabilities=["CAPABILITY_IAM"],
    )
    shell(*commands)
    first, second, third = (tmp_path / "calls").read_text().splitlines()
    assert first.startswith("cloudformation describe-stacks --region eu-west-1 --stack-name mail; rm -rf x --query ")
    assert second.endswith("--use-previous-template --parameters file://parameters.json --capabilities CAPABILITY_IAM")
    assert third.startswith("cloudformation wait stack-update-complete")
    assert json.loads((tmp_path / "parameters.json").read_text()) == []


def test_in_the_console() -> None:
    steps = console_steps(region="eu-west-1", stack_name="mail", parameter="ExternalId", value="new")
    assert any("ExternalId: new" in step for step in steps)


def test_a_new_key_is_put_before_the_old_one(shell, tmp_path: Path) -> None:
    (command,) = rewrite_secret_commands(region="eu-west-1", secret_arn=ARN, keep=True)
    first, second = webhook_secret.keys_in(shell(command))
    assert second == KEY
    assert first != KEY
    assert len(first) == len(KEY)
    third, *others = webhook_secret.keys_in(shell(command))
    assert (third not in (first, second), others) == (True, [first, second])
    # By pipe: neither key is in an argument, which others can read, nor in the command, which a history keeps.
    shown = (tmp_path / "calls").read_text() + command
    assert not any(key.removeprefix("whsec_") in shown for key in (first, second, third))


def test_what_cannot_be_read_is_not_written_over(shell) -> None:
    for keep in (True, False):
        (command,) = rewrite_secret_commands(region="eu-west-1", secret_arn=ARN, keep=keep)
        assert shell(command, FAIL="1") == KEY


def test_only_the_newest_is_left(shell, tmp_path: Path) -> None:
    (command,) = rewrite_secret_commands(region="eu-west-1", secret_arn=ARN, keep=False)
    (tmp_path / "secret").write_text(f"whsec_{'QUJE' * 10} {KEY} {KEY}\n")
    assert shell(command) == f"whsec_{'QUJE' * 10}"
    assert shell(command) == f"whsec_{'QUJE' * 10}"
