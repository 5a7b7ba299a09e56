"""`recheck` and `schedule` against the embedded AWS, and what signals do to them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.commands.fleet_commands import running
from byoaws.fakeaws.arrange import create_role, set_sandbox
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.iam.trust import trust_policy
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.sql import open_store

PERMISSIONS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ses:GetAccount", "iam:GetRole"], "Resource": "*"}],
}


@pytest.fixture
def as_vendor(fake_aws: FakeAws) -> dict[str, str]:
    """The vendor's environment on the embedded AWS."""
    return {**fake_aws.environment(fake_aws.vendor), "MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id}


@pytest.fixture
def stored(connection: Connection, cwd: Path, fake_aws: FakeAws, aws_customer: Account) -> Callable[[str], Connection]:
    """Let the seeded connection have worked before, with a role that opens for the given ExternalId."""

    def store(external_id: str) -> Connection:
        trust = trust_policy(principal=f"arn:aws:iam::{fake_aws.vendor.account_id}:root", external_id=external_id)
        set_sandbox(fake_aws, aws_customer, connection.region, sandboxed=False)
        arn = create_role(fake_aws, aws_customer, "connection", trust=trust, permissions=PERMISSIONS)
        before = datetime(2026, 11, 20, tzinfo=UTC)
        known = replace(
            connection,
            role_arn=arn,
            account_id=aws_customer.account_id,
            status=ConnectionStatus.VERIFIED,
            checked_at=before,
            verified_at=before,
        )
        data = cwd.parent / "data"
        opened = open_store(f"sqlite:///{data}/byoaws.sqlite3", key=None, key_file=data / "key")
        opened.update(known)
        opened.close()
        return known

    return store


def test_a_connection_that_works_is_verified_again(
    stored: Callable[[str], Connection],
    connection: Connection,
    run: Callable[..., Result],
    as_vendor: Mapping[str, str],
) -> None:
    stored(connection.external_id)
    done = run("recheck", "--vendor", "mailmark", env=as_vendor)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.split()[:2] == ["verified", "1"]
    shown = json.loads(run("connections", "show", connection.id, "--format", "json").stdout)
    assert shown["last_report"]["verdict"] == "verified"
    again = run("recheck", "--vendor", "mailmark", env=as_vendor)  # nothing is due any more
    assert (again.exit_code, again.stdout.split()[:2]) == (0, ["verified", "0"])


def test_one_that_does_not_is_found_and_told(
    stored: Callable[[str], Connection],
    connection: Connection,
    run: Callable[..., Result],
    as_vendor: Mapping[str, str],
    cwd: Path,
) -> None:
    stored("another-external-id-of-somebody-else")
    out = cwd / "told"
    script = cwd / "tell.py"
    script.write_text(f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())")
    tell = ("--hold", "1", "--notify-command", f"'{sys.executable}' '{script}'")
    done = run("recheck", "--all", "--format", "json", *tell, "--vendor", "mailmark", env=as_vendor)
    found = json.loads(done.stdout)
    assert (done.exit_code, found["verdicts"]["failed"], found["changed"]) == (1, 1, 1)
    assert found["changes"][0]["connection_id"] == connection.id
    assert found["messages"] == {"delivered": 1, "failed": 0, "given_up": 0}
    told = json.loads(out.read_text())
    assert told["type"] == "connection.failed"
    assert [item["code"] for item in told["data"]["diagnosis"]] == ["V203"]
    for secret in (as_vendor["AWS_SECRET_ACCESS_KEY"], connection.webhook_secret):
        assert secret is None or secret not in done.stdout + done.stderr + out.read_text()


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "", "AWS_ACCESS_KEY_ID": ""}, "credentials"),
        ({"MAILMARK_AWS_ACCOUNT_ID": "999988887777"}, "the vendor file says 999988887777"),
    ],
    ids=["no credentials", "another account"],
)
def test_a_fault_of_ours_touches_nothing(
    env: Mapping[str, str],
    words: str,
    stored: Callable[[str], Connection],
    run: Callable[..., Result],
    as_vendor: Mapping[str, str],
    connection: Connection,
) -> None:
    known = stored("another-external-id-of-somebody-else")
    done = run("recheck", "--all", "--vendor", "mailmark", env={**as_vendor, **env})
    assert (done.exit_code, done.stdout) == (3, "")
    assert words in done.stderr
    shown = json.loads(run("connections", "show", connection.id, "--format", "json").stdout)
    assert (shown["status"], shown["last_report"]) == ("verified", None)
    assert shown["checked_at"] == known.checked_at.isoformat(timespec="seconds")


def test_a_run_over_nothing_is_fine(run: Callable[..., Result], as_vendor: Mapping[str, str]) -> None:
    done = run("recheck", "--all", "--format", "json", "--vendor", "mailmark", env=as_vendor)
    assert (done.exit_code, json.loads(done.stdout)["checked"]) == (0, 0)


def test_a_schedule_goes_on_until_it_is_told_to_end(
    stored: Callable[[str], Connection], connection: Connection, as_vendor: Mapping[str, str], cwd: Path
) -> None:
    stored(connection.external_id)
    command = [sys.executable, "-m", "byoaws.cli", "schedule", "--vendor", "mailmark"]
    with subprocess.Popen(
        command, env={**os.environ, **as_vendor}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd
    ) as process:
        assert process.stdout is not None
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        line = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest, said = process.communicate()
        watchdog.cancel()
    assert "1 checked: 1 verified" in line, said
    assert (process.returncode, rest) == (0, "")
    assert said.splitlines() == [
        "checking whatever falls due, until Ctrl-C or SIGTERM",
        "stopping: waiting for the checks that are under way; once more drops them",
    ]


class Engine:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self) -> None:
        self.told.append("stop")

    def drop(self) -> None:
        self.told.append("drop")


def test_the_second_signal_has_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 1000)
    stopper, first, late = running.Stopper(), Engine(), Engine()
    stopper.watch(first)  # type: ignore[arg-type]

    async def signalled() -> None:
        stopper._signalled()
        assert first.told == ["stop"]
        stopper.watch(late)  # type: ignore[arg-type]
        stopper._signalled()

    asyncio.run(signalled())
    assert first.told == ["stop", "drop"]
    assert late.told == ["stop", "drop"]


def test_patience_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0)
    stopper, engine = running.Stopper(), Engine()
    stopper.watch(engine)  # type: ignore[arg-type]

    async def signalled() -> None:
        stopper._signalled()
        while "drop" not in engine.told:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(signalled(), 30))
    assert engine.told == ["stop", "drop"]
