"""Workers of one queue, killed again and again: every connection ends with exactly the right state."""

import importlib.util
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
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
    """Two workers at work on one store; where one was killed, the next begins. The last two are not killed."""

    def __init__(self, url, witness, kills, stack):
        self.errors = witness.with_name("errors")
        self.program = subprocess.Popen(
            [sys.executable, "-W", "error", DATA / "queue_worker.py", url, witness],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stack.enter_context(self.errors.open("w")),
            text=True,
        )
        stack.callback(self.end)
        self.waiting = [*kills, 0, 0]
        self.alive = []  # None where one is dead
        for _ in range(2):
            self.alive.append(self.begin())

    def told(self, wish):
        self.program.stdin.write(f"{wish}\n")
        self.program.stdin.flush()
        return self.program.stdout.readline().strip()

    def begin(self):
        return int(self.told(f"begin {self.waiting.pop(0)}"))

    def ended(self, worker):
        """How a worker ended; None if it has not."""
        said = self.told(f"look {worker}")
        return None if said == "alive" else int(said)

    def end(self):
        for worker in filter(None, self.alive):
            os.kill(worker, signal.SIGKILL)
        self.program.communicate()

    def replace_the_dead(self):
        # The two that are not killed begin when all others are dead: they could leave too little to die of.
        killed_later = max(0, len(self.waiting) - 2)
        for number, worker in enumerate(self.alive):
            if worker and (how := self.ended(worker)) is not None:
                assert how == -signal.SIGKILL, self.errors.read_text()
                self.alive[number] = None
        dead = [number for number, worker in enumerate(self.alive) if worker is None]
        begins = dead[:killed_later] if killed_later else dead if len(dead) == 2 else []
        for number in begins:
            self.alive[number] = self.begin()

    def finish(self):
        assert None not in self.alive
        for worker in self.alive:
            os.kill(worker, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while self.alive and time.monotonic() < deadline:
            if (how := self.ended(self.alive[0])) is None:
                time.sleep(0.02)
                continue
            self.alive.pop(0)
            assert how == 0, self.errors.read_text()
        assert self.alive == []


def checks_at_once(witness):
    """Pairs of checks of one connection that were under way at one time; death ends all that a worker had begun."""
    begun, found, deaths = {}, {}, 0
    for line in witness.read_text().splitlines():
        what, pid, role, at = line.split()
        if what == "begins":
            begun[pid, role] = float(at)
            continue
        deaths += what == "dies"
        ended = [role] if what == "ends" else [other for owner, other in begun if owner == pid]
        for one in ended:
            found.setdefault(one, []).append((begun.pop((pid, one)), float(at)))
    assert begun == {}
    assert deaths == KILLS
    pairs = [(role, *pair) for role, spans in found.items() for pair in itertools.pairwise(sorted(spans))]
    return [pair for pair in pairs if pair[2][0] < pair[1][1]]


def test_every_connection_ends_with_exactly_the_right_state(postgres, tmp_path):
    url, witness = postgres.new_database(), tmp_path / "witness"
    fleet, chance = open_fleet(url), random.Random(7)  # noqa: S311
    with fleet._database.writing("fill") as transaction:
        transaction.execute(sa.insert(connections), [row(number) for number in range(COUNT)])
    left = sa.select(sa.func.count()).where(connections.c.checked_at == START)
    with ExitStack() as stack:
        stack.callback(fleet.close)
        workers = Workers(url, witness, [chance.randrange(5, 45) for _ in range(KILLS)], stack)
        deadline = time.monotonic() + 60
        remaining = COUNT
        while (remaining or workers.waiting) and time.monotonic() < deadline:
            time.sleep(0.05)
            workers.replace_the_dead()
            with fleet._database.reading("read") as transaction:
                remaining = transaction.execute(left).scalar_one()
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
    assert checks_at_once(witness) == []
    assert queued <= KILLS
