"""Figures for Prometheus: right ones, no more than are documented, on loopback and in a file that is never half."""

import asyncio
import http.client
import re
from pathlib import Path

import pytest

from byoaws.errors import StoreError, Unreachable, UsageError
from byoaws.fleet.breaker import Breaker
from byoaws.fleet.metrics import Metrics
from byoaws.fleet.pacing import Pace, Ticker
from byoaws.model import Verdict
from byoaws.store.interface import Backlog

DOCUMENT = (Path(__file__).parents[2] / "docs" / "fleet.md").read_text()


class Scene:
    """What metrics look at."""

    def __init__(self, time):
        self.pace, self.breaker = Pace(100, Ticker(time.now, time.sleep)), Breaker()
        self.waits, self.notices, self.down = Backlog(free=0, leased=0), 0, False
        self.metrics = Metrics(self.pace, self.breaker, self.backlog, lambda: self.notices)

    def backlog(self):
        if self.down:
            raise StoreError("gone")
        return self.waits

    def figure(self, name, **labels):
        return self.metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def scene(time):
    return Scene(time)


def test_every_figure_is_documented_and_the_reverse(scene):
    helped = {metric.name: metric.documentation for metric in scene.metrics.registry.collect()}
    assert "next check was to begin" in helped["byoaws_due"]
    assert "not those checked early" in helped["byoaws_under_way"]
    names = {re.sub(r"_(total|bucket|count|sum)$", "", sample.name) for sample in samples(scene)}
    documented = set(re.findall(r"^\| `(byoaws_\w+)[`{]", DOCUMENT, re.MULTILINE))
    assert {re.sub(r"_total$", "", name) for name in documented} == names


def samples(scene):
    return [sample for metric in scene.metrics.registry.collect() for sample in metric.samples]


def test_checks_are_counted_by_what_they_found(scene, make_claim, make_report):
    verdicts = iter([Verdict.VERIFIED, Verdict.FAILED, Verdict.VERIFIED])

    async def check(claim):
        return make_report(claim, next(verdicts))

    timed = scene.metrics.timed(check)
    reports = [asyncio.run(timed(make_claim(number))) for number in range(3)]
    assert [report.verdict for report in reports] == [Verdict.VERIFIED, Verdict.FAILED, Verdict.VERIFIED]
    assert scene.figure("byoaws_checks_total", verdict="verified") == 2
    assert scene.figure("byoaws_checks_total", verdict="failed") == 1
    assert scene.figure("byoaws_checks_total", verdict="unknown") == 0
    assert scene.figure("byoaws_check_seconds_count") == 3


def test_what_cannot_be_asked_is_counted_and_still_raised(scene, make_claim):
    async def check(claim):
        raise UsageError("the vendor file names no account")

    with pytest.raises(UsageError):
        asyncio.run(scene.metrics.timed(check)(make_claim()))
    assert scene.figure("byoaws_checks_total", verdict="refused") == 1
    assert scene.figure("byoaws_check_seconds_count") == 0


def test_what_others_keep_is_looked_at_when_somebody_asks(scene):
    bucket = scene.pace.bucket("us-east-1")
    asyncio.run(bucket.take())
    bucket.throttled()
    scene.waits, scene.notices = Backlog(free=70, leased=30), 4
    assert scene.figure("byoaws_sts_calls_total") == 1
    assert scene.figure("byoaws_throttles_total") == 1
    assert scene.figure("byoaws_pace") == 60
    assert (scene.figure("byoaws_due"), scene.figure("byoaws_under_way")) == (70, 30)
    assert scene.figure("byoaws_notices_waiting") == 4
    assert scene.figure("byoaws_breaker_open") == 0
    for _ in range(20):
        scene.breaker.failed(Unreachable("no answer"))
    assert scene.figure("byoaws_breaker_open") == 1


def test_what_a_run_has_left_is_known_and_told_on(scene):
    class Told(list):
        def planned(self, total):
            self.append(total)

        def checked(self, count):
            self.append(count)

        def waiting(self, until):
            self.append(until)

    assert scene.figure("byoaws_run_left") == 0
    told = Told()
    followed = scene.metrics.following(told)
    followed.checked(5)  # the first are checked before all are counted
    followed.planned(100)
    followed.waiting(None)
    followed.checked(20)
    assert told == [5, 100, None, 20]
    assert scene.figure("byoaws_run_left") == 75
    followed.checked(80)  # some of them twice
    assert scene.figure("byoaws_run_left") == 0


def test_a_store_that_does_not_answer_is_a_figure_too(scene):
    scene.down = True
    assert scene.figure("byoaws_store_up") == 0
    assert scene.figure("byoaws_due") is None
    assert scene.figure("byoaws_pace") == 100


def test_they_are_served_until_the_end(scene):
    with scene.metrics.served("127.0.0.1", 0) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/metrics")
        body = connection.getresponse().read().decode()
        connection.close()
        with pytest.raises(UsageError, match=rf"cannot be served on 127\.0\.0\.1:{port}: address already in use"):
            scene.metrics.served("127.0.0.1", port).__enter__()
    assert 'byoaws_checks_total{verdict="insecure"} 0.0' in body
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port).connect()


def test_the_file_is_there_at_once_and_up_to_date_at_the_end(scene, tmp_path):
    path = tmp_path / "byoaws.prom"

    async def use():
        async with scene.metrics.written(path, every=0.01):
            assert "byoaws_due 0.0" in path.read_text()
            scene.waits = Backlog(free=7, leased=0)
            while "byoaws_due 7.0" not in path.read_text():
                await asyncio.sleep(0.01)
            scene.waits = Backlog(free=8, leased=0)

    asyncio.run(use())
    assert "byoaws_due 8.0" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_told_at_the_start(scene, tmp_path):
    async def use():
        async with scene.metrics.written(tmp_path / "missing" / "byoaws.prom"):
            raise AssertionError("it began all the same")

    with pytest.raises(UsageError, match="cannot be written: no such file or directory"):
        asyncio.run(use())
