"""Workers of one queue, killed again and again: every connection ends with exactly the right state."""

import importlib.util
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from byoaws.model import Connection, ConnectionStatus, Verdict
from byoaws.store.fleet import open_fleet
from byoaws.store.schema import connections, notices, reports

pytestmark = pytest.mark.postgres

DATA = Path(__file__).parents[1] / "data"
START = datetime(2026, 11, 20, tzinfo=UTC)
COUNT, KILLS = 400, 8


def verdict_of(role_arn):
    spec = importlib.util.spec_from_file_location("fleet_worker", DATA / "fleet_worker.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.verdict_of(role_arn)


def row(number):
    account = f"{number:012}"
    values = dict.fromkeys(Connection.__slots__) | {
        "id": f"con_{number:020}",
        "alias": f"customer {number}",
        "vendor": "mailmark",
        "region": "eu-central-1",
        "external_id": f"ext-{number}",
        "role_arn": f"arn:aws:iam::{account}:role/byoaws/mailmark/Access",
        "account_id": account,
        "status": ConnectionStatus.VERIFIED.value,
        "created_at": START,
        "updated_at": START,
        "checked_at": START,
        "verified_at": START,
    }
    return {name: value for name, value in values.items() if value is not None}


class Workers:
    """Two workers on one store, each started anew when it was killed."""

    def __init__(self, url, witness, stack):
        self.url, self.witness, self.stack = url, witness, stack
        self.died = {}
        self.alive = [self.start(), self.start()]

    def start(self):
        arguments = [sys.executable, "-W", "error", DATA / "queue_worker.py", self.url, self.witness]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.stack.callback(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def kill(self, number):
        process = self.alive[number]
        process.stdout.readline()  # "ready": killed at work, not while Python starts
        process.kill()
        process.wait()
        self.died[process.pid] = time.monotonic()
        self.alive[number] = self.start()

    def finish(self):
        for process in self.alive:
            process.send_signal(signal.SIGTERM)
        for process in self.alive:
            _, said = process.communicate(timeout=20)
            assert process.returncode == 0, said


def checks_at_once(witness, died):
    """Pairs of checks of one connection that were under way at the same time; the killed end when they were killed."""
    begun, found = {}, {}
    for line in witness.read_text().splitlines():
        what, pid, role, at = line.split()
        if what == "begins":
            begun[pid, role] = float(at)
        else:
            found.setdefault(role, []).append((begun.pop((pid, role)), float(at)))
    for (pid, role), at in begun.items():
        found.setdefault(role, []).append((at, died[int(pid)]))
    pairs = [(role, *pair) for role, spans in found.items() for pair in zip(sorted(spans), sorted(spans)[1:])]  # noqa: B905
    return [pair for pair in pairs if pair[2][0] < pair[1][1]]


def test_every_connection_ends_with_exactly_the_right_state(postgres, tmp_path):
    url, witness = postgres.new_database(), tmp_path / "witness"
    fleet, chance = open_fleet(url), random.Random(7)  # noqa: S311
    with fleet._database.writing("fill") as transaction:
        transaction.execute(sa.insert(connections), [row(number) for number in range(COUNT)])
    left = sa.select(sa.func.count()).where(connections.c.checked_at == START)
    with ExitStack() as stack:
        stack.callback(fleet.close)
        workers = Workers(url, witness, stack)
        for number in range(KILLS):
            time.sleep(chance.random() / 4)
            workers.kill(number % 2)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with fleet._database.reading("read") as transaction:
                remaining = transaction.execute(left).scalar_one()
            if not remaining:
                break
            time.sleep(0.1)
        workers.finish()
        with fleet._database.reading("read") as transaction:
            stored = transaction.execute(sa.select(connections)).mappings().all()
            history = Counter(transaction.execute(sa.select(reports.c.connection_id)).scalars())
            told = Counter(transaction.execute(sa.select(notices.c.connection_id)).scalars())
            queued = transaction.execute(
                sa.text("SELECT count(*) FROM byoaws_queue.procrastinate_workers")
            ).scalar_one()
    assert remaining == 0
    for one in stored:
        expected = verdict_of(one["role_arn"])
        status = "verified" if expected is Verdict.UNKNOWN else expected.value
        assert (one["status"], one["lease_owner"]) == (status, None)
        assert told[one["id"]] == (1 if status in ("failed", "insecure") else 0)
    # What a killed worker had not recorded was checked again; nothing was recorded twice, nor by two at once.
    assert set(history.values()) == {1}
    assert len(history) == COUNT
    assert checks_at_once(witness, workers.died) == []
    assert queued <= KILLS
