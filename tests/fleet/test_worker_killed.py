"""Workers of one queue, killed again and again: every connection ends with exactly the right state."""

import importlib.util
import itertools
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
        arguments = [sys.executable, "-W", "error", DATA / "queue_worker.py", url, witness]
        # All are started at once: what takes time is Python's start, and here it costs the others none.
        self.waiting = [
            subprocess.Popen(
                [*arguments, str(die_after)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for die_after in [*kills, 0, 0]
        ]
        for process in self.waiting:
            stack.callback(self.end, process)
        self.alive = [self.begin(), self.begin()]

    def begin(self):
        process = self.waiting.pop(0)
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("begin\n")
        process.stdin.flush()
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.communicate()

    def replace_the_dead(self):
        # The two that are not killed begin when all others are dead: they could leave too little to die of.
        dead = [number for number, process in enumerate(self.alive) if process.poll() is not None]
        killed_later = max(0, len(self.waiting) - 2)
        begins = dead[:killed_later] if killed_later else dead if len(dead) == 2 else []
        for number in begins:
            assert self.alive[number].returncode == -signal.SIGKILL, self.alive[number].stderr.read()
            self.alive[number] = self.begin()

    def finish(self):
        for process in self.alive:
            process.send_signal(signal.SIGTERM)
        for process in self.alive:
            _, said = process.communicate(timeout=20)
            assert process.returncode == 0, said


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
