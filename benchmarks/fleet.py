"""What it costs to verify a fleet, against a server on loopback that answers as AWS does (`fleet_server.py`)."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from fleet_accounts import VENDOR_KEY, VENDOR_SECRET
from installed import ROOT, environment
from measure import Row

from byoaws.fakeaws.server.certificates import write_certificates

Told = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A server, and how its clients are run."""

    python: str
    url: str
    env: Mapping[str, str]

    throttles: bool = False
    """Then an account may be left without an answer."""

    def run(self, way: str, calls: str, count: int, at_once: int = 64) -> Told:
        """Verify so many accounts in a process of its own, on the last core; return what it told."""
        script = str(ROOT / "benchmarks" / "fleet_client.py")
        last = str(max(os.sched_getaffinity(0)))
        arguments = [self.python, script, way, calls, str(count), "--concurrency", str(at_once), "--core", last]
        done = subprocess.run(arguments, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{way} {calls} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        told: Told = json.loads(done.stdout)
        if told["failed"] and not self.throttles:
            raise SystemExit(f"{way} {calls}: {told['failed']:.0f} accounts could not be verified")
        return told

    def counts(self) -> dict[str, int]:
        """What has come in."""
        context = ssl.create_default_context(cafile=self.env["AWS_CA_BUNDLE"]) if "AWS_CA_BUNDLE" in self.env else None
        with urlopen(f"{self.url}/-/counts", context=context) as answer:  # noqa: S310
            found: dict[str, int] = json.load(answer)
            return found


@contextmanager
def served(programs: Path, *options: str, bundle: Path | None = None) -> Iterator[Fleet]:
    """Start a server on the first core."""
    script, first = str(ROOT / "benchmarks" / "fleet_server.py"), str(min(os.sched_getaffinity(0)))
    server = subprocess.Popen(
        [sys.executable, script, "--core", first, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        env = environment() | {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": VENDOR_KEY,
            "AWS_SECRET_ACCESS_KEY": VENDOR_SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        trusted = {"AWS_CA_BUNDLE": str(bundle)} if bundle else {}
        yield Fleet(python=str(programs / "python"), url=url, env=env | trusted, throttles="--throttle" in options)
    finally:
        server.stdin.close()
        server.wait()


def each(told: Told) -> float:
    """Processor time of an account."""
    return told["cpu"] / told["accounts"]


def _row(name: str, ours: Sequence[Told], values: Sequence[float], limit: float, **more: bool) -> Row:
    """A ratio, with what one account takes."""
    wall = [told["wall"] / told["accounts"] for told in ours]
    return Row(name=name, wall=wall, cpu=[each(told) for told in ours], values=values, limit=limit, unit="x", **more)


def cheapness(
    fleet: Fleet, what: str, calls: str, counts: tuple[int, int], limits: tuple[float, float]
) -> Iterator[Row]:
    """Processor time of an account: against boto3 used plainly, and against the bare requests."""
    naive, ours, bare = [], [], []
    for _ in range(3):
        naive.append(fleet.run("naive", calls, counts[0]))
        ours.append(fleet.run("shared", calls, counts[1]))
        bare.append(fleet.run("bare", calls, counts[1]))
    less = [each(theirs) / each(own) for theirs, own in zip(naive, ours, strict=True)]
    more = [each(own) / each(theirs) for theirs, own in zip(bare, ours, strict=True)]
    yield _row(f"{what}, less than boto3", ours, less, limits[0], at_least=True)
    yield _row(f"{what}, than HTTP alone", ours, more, limits[1])


def fast(fleet: Fleet) -> Iterator[Row]:
    """Accounts a second where AWS takes 100 ms to answer, against one after the other."""
    ours, values = [], []
    for _ in range(3):
        naive = fleet.run("naive", "3", 5)
        ours.append(fleet.run("shared", "3", 3000, 512))
        rate = ours[-1]["accounts"] / ours[-1]["wall"]
        values.append(rate / (naive["accounts"] / naive["wall"]))
    yield _row("100 ms away, accounts/s", ours, values, 100, at_least=True)


def small(fleet: Fleet) -> Iterator[Row]:
    """Peak memory, and what it grows by."""
    few, many = fleet.run("shared", "2", 1000, 256), fleet.run("shared", "2", 50_000, 256)
    costs = {"wall": [many["wall"]], "cpu": [many["cpu"]]}
    yield Row(name="memory, 50,000 accounts", values=[many["memory"]], limit=150, unit="MB", **costs)
    yield Row(name="  than 1,000 accounts", values=[many["memory"] / few["memory"]], limit=1.1, unit="x", **costs)


def honest(fleet: Fleet, requests: int) -> Iterator[Row]:
    """Requests signed for another account, and answers of another; and how often the known mistake is caught."""
    before = fleet.counts()
    told, rounds = {"wall": 0.0, "cpu": 0.0}, 0
    wrong = 0
    while (now := fleet.counts())["requests"] - before["requests"] < requests:
        done = fleet.run("shared", "7", min(20_000, requests // 7), 512)
        told = {name: told[name] + done[name] for name in told}
        wrong += int(done["wrong"])
        rounds += 1
    costs = {"wall": [told["wall"]], "cpu": [told["cpu"]]}
    name = f"wrong of {now['requests'] - before['requests']:,}"
    wrong += now["wrong"] - before["wrong"] + now["unsigned"] - before["unsigned"]
    yield Row(name=name, values=[wrong], limit=0, unit="", **costs)
    broken = fleet.run("mutated", "7", 300, 128)
    caught = broken["wrong"] + fleet.counts()["wrong"] - now["wrong"]
    yield Row(
        name="  by one mutable object",
        values=[caught],
        limit=1,
        unit="",
        at_least=True,
        wall=[broken["wall"]],
        cpu=[broken["cpu"]],
    )


def verifying_a_fleet(programs: Path, folder: Path) -> Iterator[Row]:
    """All of it."""
    with served(programs) as fleet:
        yield from cheapness(fleet, "3 calls", "3", (20, 1500), (40, 9))
        yield from cheapness(fleet, "7 calls", "7", (12, 800), (25, 10))
        yield from cheapness(fleet, "10 probes", "probes", (12, 800), (25, 10))
        yield from small(fleet)
    files = write_certificates(folder)
    tls = ("--certificate", str(files.certificate), "--key", str(files.key))
    with served(programs, *tls, bundle=files.bundle) as fleet:
        yield from cheapness(fleet, "TLS, 3 calls", "3", (15, 1500), (65, 9))
    with served(programs, "--latency", "0.1") as fleet:
        yield from fast(fleet)
    with served(programs, "--throttle", "0.05") as fleet:
        yield from honest(fleet, 50_000)


def a_million_requests(programs: Path, folder: Path) -> Iterator[Row]:
    """Whether ever one is signed for another account."""
    with served(programs, "--throttle", "0.05") as fleet:
        yield from honest(fleet, 1_000_000)
