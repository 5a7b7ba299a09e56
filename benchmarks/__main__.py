"""`make bench`: what the commands cost, against limits. See README.md."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from fleet import a_million_requests, verifying_a_fleet
from fleet_queue import killed, sharing_a_fleet
from installed import ROOT, environment, prepare
from large import large_templates
from measure import Figure, Program, Row, measure, run
from receiving import serve

from byoaws.fakeaws.server.certificates import write_certificates
from byoaws.fakeaws.stage import open_stage
from byoaws.iam.trust import trust_policy
from byoaws.quickcreate import external_id

_TEMPLATE = "https://acme-templates.s3.us-east-1.amazonaws.com/mailmark.yaml"
_MAY = {"Effect": "Allow", "Action": ["ses:GetAccount", "iam:GetRole"], "Resource": "*"}
_REGION = "us-east-1"


def start_up(programs: Path, folder: Path) -> Iterator[Figure]:
    """Commands that call nothing: what a person waits for at each."""
    env = environment()
    bare = Program(arguments=[str(programs / "python"), "-c", "pass"], env=env, folder=folder)
    for limit, arguments in (
        (5.5, ["--help"]),
        (16, ["link", "--template-url", _TEMPLATE]),
        (24, ["generate"]),
    ):
        program = Program(arguments=[str(programs / "byoaws"), *arguments], env=env, folder=folder)
        yield Figure(name=f"byoaws {arguments[0]}", program=program, against=bare, limit=limit, rounds=11)


def linting(programs: Path, folder: Path) -> Iterator[Figure]:
    """One lint, against cfn-lint's own command on the same file."""
    env = environment()
    run(Program(arguments=[str(programs / "byoaws"), "generate", "-o", "stack.yaml"], env=env, folder=folder))
    ours = Program(arguments=[str(programs / "byoaws"), "lint", "stack.yaml"], env=env, folder=folder)
    theirs = Program(arguments=[str(programs / "cfn-lint"), "stack.yaml"], env=env, folder=folder)
    yield Figure(name="byoaws lint / cfn-lint", program=ours, against=theirs, limit=1.0, rounds=5)


def linting_large(programs: Path, folder: Path) -> Iterator[Figure]:
    """A template of 25 resources and its policies: linted anew, from the cache, and with 19 more on two cores."""
    env = environment() | {"XDG_CACHE_HOME": str(folder / "cache")}
    names = large_templates(folder, 20)

    def program(name: str, *arguments: str) -> Program:
        return Program(arguments=[str(programs / name), *arguments], env=env, folder=folder)

    theirs = program("cfn-lint", names[0])
    anew, again = program("byoaws", "lint", "--no-cache", names[0]), program("byoaws", "lint", names[0])
    yield Figure(name="lint 25 resources", program=anew, against=theirs, limit=1.0, rounds=7)
    yield Figure(name="the same, unchanged", program=again, against=theirs, limit=0.1, rounds=7)
    # Two processes work: what counts is what somebody waits for.
    many = program("byoaws", "lint", "--no-cache", "--jobs", "2", *names)
    yield Figure(
        name="20 files, two cores",
        program=many,
        against=program("cfn-lint", *names),
        limit=0.65,
        rounds=3,
        by_wall=True,
    )


def verifying(programs: Path, folder: Path) -> Iterator[Figure]:
    """One whole verification of a sound role on the embedded AWS, whose own work is not counted."""
    stage = open_stage(_REGION)
    try:
        right = external_id.mint()
        trust = trust_policy(principal=f"arn:aws:iam::{stage.vendor_account}:root", external_id=right)
        arn = stage.create_role("sound", "/", trust, {"Version": "2012-10-17", "Statement": [_MAY]})
        env = environment() | dict(stage.environment) | {"MAILMARK_AWS_ACCOUNT_ID": stage.vendor_account}
        arguments = ["verify", arn, "--external-id", right, "--region", _REGION]
        program = Program(arguments=[str(programs / "byoaws"), *arguments], env=env, folder=folder)
        yield Figure(name="byoaws verify", program=program, against=None, limit=1.5, rounds=5)
    finally:
        stage.close()


def receiving_mail(programs: Path, folder: Path) -> Iterator[Figure]:
    """The forwarder's start and its work, and the receiver's, each beside what others need for it."""
    certificates = write_certificates(folder)
    server, url = serve(str(certificates.certificate), str(certificates.key))
    env = environment() | {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "SSL_CERT_FILE": str(certificates.bundle),
    }

    def program(*words: str) -> Program:
        script = str(ROOT / "benchmarks" / "receiving.py")
        return Program(arguments=[str(programs / "python"), script, *words], env=env, folder=folder)

    try:
        yield Figure(
            name="forwarder, cold start",
            program=program("forwarder", "0"),
            against=program("boto3", "0"),
            limit=0.15,
            rounds=7,
            beyond=True,
        )
        yield Figure(
            name="forwarder, 200 posts",
            program=program("posts", "200", url),
            against=program("posts", "0", url),
            limit=2.0,
            rounds=5,
            beyond=True,
        )
        theirs = program("theirs", "6000")
        yield Figure(name="6000 posts verified", program=program("ours", "6000"), against=theirs, limit=2.0, rounds=5)
    finally:
        server.shutdown()
        server.server_close()


GROUPS: Mapping[str, Callable[[Path, Path], Iterable[Figure | Row]]] = {
    "start-up": start_up,
    "lint": linting,
    "lint-large": linting_large,
    "verify": verifying,
    "inbound": receiving_mail,
    "fleet": verifying_a_fleet,
    "fleet-million": a_million_requests,
    "fleet-queue": sharing_a_fleet,
    "fleet-kill": killed,
}
ONLY_IF_ASKED = {"fleet-million", "fleet-kill"}
"""The one takes a quarter of an hour, the other some minutes."""


def line(row: Row) -> str:
    """One line of the table."""
    low, high = min(row.values), max(row.values)
    bound = f"{'>=' if row.at_least else '<='} {row.limit:.4g}"
    return (
        f"{row.name:<30}{_ms(row.wall):>9}{_ms(row.cpu):>9}"
        f"{row.value:>9.4g} {row.unit:<2}  ({low:.4g} to {high:.4g}){bound:>12} {row.unit:<2}"
        f"   {'EXCEEDED' if row.exceeded else 'ok'}{' (wall)' if row.by_wall else ''}"
    )


def _ms(seconds: Sequence[float]) -> str:
    found = median(seconds) * 1000
    return f"{found:.0f}" if found >= 10 else f"{found:.2f}"


def keep(results: Mapping[str, Sequence[Row]]) -> None:
    """Write the results of the groups that were measured to `.bench/results.json`, and leave those of others."""
    path = ROOT / ".bench" / "results.json"
    held = json.loads(path.read_text()) if path.exists() else {}
    for group, rows in results.items():
        held[group] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": [row.told() for row in rows]}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(held, indent=2) + "\n")


def main() -> int:
    """Measure the groups that were asked for; 1 if a limit is exceeded."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"which: {', '.join(GROUPS)} [default: all]")
    chosen = parser.parse_args().groups or [name for name in GROUPS if name not in ONLY_IF_ASKED]
    if strange := set(chosen) - set(GROUPS):
        parser.error(f"no group named {', '.join(sorted(strange))}")
    programs = prepare(ROOT / ".bench" / "env")
    print(f"{'':<30}{'wall ms':>9}{'cpu ms':>9}{'median':>11}   {'(lowest to highest)':<15}{'limit':>7}")
    results: dict[str, list[Row]] = {}
    for name in chosen:
        results[name] = []
        with tempfile.TemporaryDirectory(prefix="byoaws-bench-") as folder:
            for figure in GROUPS[name](programs, Path(folder)):
                row = measure(figure) if isinstance(figure, Figure) else figure
                print(line(row), flush=True)
                results[name].append(row)
        keep({name: results[name]})
    return 1 if any(row.exceeded for rows in results.values() for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
