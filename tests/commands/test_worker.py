"""`recheck --queue` and `worker`: the real commands, a real PostgreSQL, the embedded AWS."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.fakeaws.arrange import create_role, set_sandbox
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.iam.trust import trust_policy
from byoaws.model import Connection, ConnectionStatus
from byoaws.store.interface import Store
from byoaws.store.sql import open_store

pytestmark = pytest.mark.postgres

PERMISSIONS = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ses:GetAccount", "iam:GetRole"], "Resource": "*"}],
}
BEFORE = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def url(empty_database: str) -> str:
    return empty_database


@pytest.fixture
def shared(url: str, connection: Connection, cwd: Path) -> Iterator[Store]:
    """A shared store, with the seeded connection in it; no role is known yet."""
    store = open_store(url, key=None, key_file=cwd.parent / "data" / "key")
    store.add(replace(connection, webhook_secret=None))
    yield store
    store.close()


def test_a_run_is_left_to_workers_and_says_what_it_is_about(
    shared: Store, url: str, connection: Connection, run: Callable[..., Result], vendor_env: Mapping[str, str]
) -> None:
    role = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"
    shared.update(replace(shared.get(connection.id), role_arn=role, status=ConnectionStatus.FAILED, checked_at=BEFORE))
    words = ("recheck", "--all", "--queue", "--vendor", "mailmark", "--store", url)
    done = run(*words)
    assert (done.exit_code, done.stdout) == (0, "1 connection is left to the workers\n")
    assert done.stderr == "warning: no worker runs at present: start one with byoaws worker\n"
    again = run(*words, "--format", "json")
    assert json.loads(again.stdout) == {"queued": 1, "resumed": True, "workers": 0}
    verified = run("recheck", "--status", "verified", "--queue", "--vendor", "mailmark", "--store", url)
    assert verified.stdout == "0 connections are left to the workers\n"


def test_a_queue_that_cannot_be_reached_is_told_without_the_password(
    run: Callable[..., Result], vendor_env: Mapping[str, str], tmp_path: Path
) -> None:
    url = f"postgresql://byoaws:hunter2@/nowhere?host={tmp_path}"
    for command in (("recheck", "--queue"), ("worker",)):
        done = run(*command, "--vendor", "mailmark", "--store", url)
        assert done.exit_code == 3
        assert "cannot open store" in done.stderr
        assert "hunter2" not in done.stdout + done.stderr


def test_a_worker_does_what_was_left_to_it_and_ends_when_it_is_told_to(
    shared: Store,
    url: str,
    connection: Connection,
    cwd: Path,
    run: Callable[..., Result],
    fake_aws: FakeAws,
    aws_customer: Account,
) -> None:
    trust = trust_policy(
        principal=f"arn:aws:iam::{fake_aws.vendor.account_id}:root", external_id=connection.external_id
    )
    set_sandbox(fake_aws, aws_customer, connection.region, sandboxed=False)
    arn = create_role(fake_aws, aws_customer, "connection", trust=trust, permissions=PERMISSIONS)
    stored = shared.get(connection.id)
    shared.update(replace(stored, role_arn=arn, status=ConnectionStatus.FAILED, checked_at=BEFORE))
    env = {
        **os.environ,
        **fake_aws.environment(fake_aws.vendor),
        "MAILMARK_AWS_ACCOUNT_ID": fake_aws.vendor.account_id,
        "BYOAWS_STORE": url,
    }
    metrics = cwd / "byoaws.prom"
    words = ["worker", "--vendor", "mailmark", "--metrics-file", str(metrics)]
    with subprocess.Popen(
        [sys.executable, "-m", "byoaws.cli", *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            assert "for all workers together" in process.stderr.readline()
            left = run("recheck", "--all", "--queue", "--vendor", "mailmark", env={"BYOAWS_STORE": url, **env})
            assert left.stdout == "1 connection is left to 1 worker\n"
            deadline = time.monotonic() + 30
            while shared.get(connection.id).status is not ConnectionStatus.VERIFIED:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert said.endswith("1 checked: 1 verified, 0 insecure, 0 failed, 0 unknown; 1 changed\n")
    assert "stopping" in errors
    assert 'byoaws_checks_total{verdict="verified"} 1.0' in metrics.read_text()
