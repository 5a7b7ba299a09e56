"""The lines that `fake-aws` prints, run by a real shell."""

import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from byoaws.fakeaws.serve import Served, exports, serve

pytestmark = pytest.mark.fakeaws

WHO = (
    "import boto3, json; sts = boto3.client('sts');"
    "print(json.dumps([sts.get_caller_identity()['Arn'], sts.meta.endpoint_url]))"
)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    running = serve()
    with running.aws:
        yield running


def identity(lines: list[str], tmp_path: Path) -> list[str]:
    """Who a fresh boto3 is, in a shell of somebody with settings of their own that saw `lines`."""
    script = "\n".join([*lines, f'"{sys.executable}" -c "{WHO}"'])
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AWS_PROFILE": "missing",
        "AWS_SESSION_TOKEN": "left over",
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }
    done = subprocess.run(["sh", "-eu", "-c", script], env=environment, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def test_lines_make_the_vendor(served: Served, tmp_path: Path) -> None:
    assert identity(list(served.lines), tmp_path) == [served.aws.vendor.principal_arn, served.aws.endpoint]


def test_uncommented_lines_make_the_customer(served: Served, tmp_path: Path) -> None:
    start = next(index for index, line in enumerate(served.lines) if "the customer" in line)
    lines = [line.removeprefix("# ") for line in served.lines[start + 1 :]]
    assert identity(lines, tmp_path) == [served.aws.customer.principal_arn, served.aws.endpoint]


def test_mail_can_be_sent_to_where_the_lines_say(served: Served) -> None:
    (line,) = (line for line in served.lines if "SMTP" in line)
    host, port = line.split()[5].split(":")
    with smtplib.SMTP(host, int(port)) as client:
        client.ehlo()
        client.mail("a@sender.example")
        assert client.rcpt("b@customer.example")[0] == 550
    assert served.aws.customer.account_id in line


def test_ses_is_reached_where_its_events_are_made(served: Served) -> None:
    for name in ("SES", "SESV2"):
        assert f"export AWS_ENDPOINT_URL_{name}={served.aws.mail.ses_endpoint}" in served.lines


def test_no_secret_of_a_root_is_printed(served: Served) -> None:
    assert served.aws.server.root_secret not in "\n".join(served.lines)


def test_values_are_quoted_for_the_shell(served: Served) -> None:
    assert all(line.startswith(("export ", "unset ")) for line in exports(served.aws, served.aws.vendor))


def test_exceptions_of_the_users_proxy_stay(served: Served) -> None:
    script = "\n".join([*served.lines, 'echo "$NO_PROXY"; echo "$no_proxy"'])
    environment = {"PATH": "/usr/bin:/bin", "no_proxy": "intranet.example"}
    done = subprocess.run(["sh", "-eu", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["127.0.0.1", "127.0.0.1,intranet.example"]
