"""What `inbound` prints and asks; whole runs against the embedded AWS are in tests/e2e/test_replay.py."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from byoaws import factory
from byoaws.aws.interface import DeadLetter, ListedObject
from byoaws.commands import options
from byoaws.commands.inbound_commands import replaying
from byoaws.commands.progress import counting
from byoaws.errors import Throttled
from byoaws.flows.inbound.door import Door, Place
from byoaws.model import Connection
from byoaws.vendors.file import load_vendor
from byoaws.verify.clock import Clock

BUCKET = "mailmark-1a2b3c4d-444455556666-eu-west-1-an"
PLACE = Place(region="eu-west-1", function="f", queue_url="https://sqs/q", bucket=BUCKET)


@dataclass
class Stack:
    """Queue and bucket in memory, as much as these commands need."""

    queue: dict[str, str] = field(default_factory=dict)
    hidden: int = 0
    counted_late: int = 0
    messages: int = 0
    ran: list[Mapping[str, Any]] = field(default_factory=list)
    stop_after: int = 10**9

    def waiting(self, queue_url: str) -> int:
        late, self.counted_late = self.counted_late, 0
        return len(self.queue) + self.hidden + late

    def receive(self, queue_url: str, *, hidden: int) -> Sequence[DeadLetter]:
        return [DeadLetter(id=name, body=body, handle=name) for name, body in list(self.queue.items())[:10]]

    def delete(self, queue_url: str, handle: str) -> None:
        del self.queue[handle]

    def run(self, function: str, event: Mapping[str, Any]) -> None:
        if len(self.ran) >= self.stop_after:
            raise Throttled("lambda:InvokeFunction: aws asked for fewer calls", hint="wait a minute")
        self.ran.append(event)

    def objects(self, bucket: str, prefix: str, *, after: str) -> Sequence[ListedObject]:
        at = datetime.now(UTC) - timedelta(minutes=5)
        first = int(after.rpartition("/")[2]) + 1 if after else 0
        return [
            ListedObject(key=f"inbound/{number:06}", size=2**20, modified=at)
            for number in range(first, min(first + 1000, self.messages))
        ]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, connection: Connection, vendor_env: Mapping[str, str]) -> Stack:
    """The stack of every connection; nothing waits."""
    made = Stack()
    now = [0.0]
    clock = Clock(lambda: now[0], lambda seconds: now.__setitem__(0, now[0] + seconds))

    def opened(self: replaying.Whose) -> tuple[Door, Place]:
        return Door(connection, load_vendor("mailmark", {}), lambda: made, clock), PLACE  # type: ignore[arg-type,return-value]

    monkeypatch.setattr(replaying.Whose, "open", opened)
    monkeypatch.setattr(factory, "clock", lambda: clock)
    return made


def letter(key: str, bucket: str = BUCKET) -> str:
    record = {"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}
    return json.dumps(
        {
            "timestamp": "2026-11-21T11:00:00.123Z",
            "requestContext": {"approximateInvokeCount": 3},
            "requestPayload": {"Records": [record]},
            "responsePayload": {"errorType": "Undelivered", "errorMessage": "the webhook answered 503"},
        }
    )


@pytest.fixture
def inbound(run: Callable[..., Result], connection: Connection, stack: Stack) -> Callable[..., Result]:
    return lambda command, *words, **more: run("inbound", command, "--connection", connection.id, *words, **more)


def test_redrive_of_an_empty_queue(inbound: Callable[..., Result]) -> None:
    done = inbound("redrive")
    assert (done.exit_code, done.stdout) == (0, "nothing to replay: the queue is empty\n")


def test_redrive(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.queue = {"m1": letter("inbound/a"), "m2": letter("inbound/b"), "m3": letter("x", bucket="other")}
    done = inbound("redrive")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "message m3  (2026-11-21T11:00:00.123Z, 3 tries, Undelivered: the webhook answered 503)",
        "  stays: not a message of this stack's bucket that Lambda gave up",
        "2 messages replayed; 1 stays in the queue",
    ]
    assert list(stack.queue) == ["m3"]


@pytest.mark.parametrize(("words", "did"), [((), "0 messages replayed"), (("--dry-run",), "0 would be replayed")])
def test_a_queue_whose_messages_are_hidden_is_not_called_empty(
    inbound: Callable[..., Result], stack: Stack, words: tuple[str, ...], did: str
) -> None:
    """As it is for half a minute after a dry run."""
    stack.hidden = 3
    done = inbound("redrive", *words)
    assert (done.exit_code, done.stdout) == (1, f"{did}; about 3 more in the queue, hidden at the moment\n")
    assert "run it again in two minutes" in done.stderr
    assert json.loads(inbound("redrive", *words, "--format", "json").stdout)["hidden"] == 3


def test_some_may_be_hidden_while_others_are_replayed(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.queue, stack.hidden = {"m1": letter("inbound/a"), "m2": letter("x", bucket="other")}, 1
    done = inbound("redrive")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == (
        "1 message replayed; 1 stays in the queue; about 1 more in the queue, hidden at the moment"
    )


def test_what_aws_counted_late_is_not_called_hidden(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.counted_late = 2
    done = inbound("redrive")
    assert (done.exit_code, done.stdout) == (0, "nothing to replay: the queue is empty\n")


def test_redrive_as_json(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.queue = {"m1": letter("inbound/a")}
    found = json.loads(inbound("redrive", "--format", "json").stdout)
    assert {name: found[name] for name in ("dry_run", "found", "replayed", "left")} == {
        "dry_run": False,
        "found": 1,
        "replayed": 1,
        "left": 0,
    }
    assert list(found["messages"][0]) == ["id", "keys", "at", "tries", "error", "replayed", "left"]


def test_a_dry_run_shows_each_message(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.queue = {"m1": letter("inbound/a"), "m2": letter("inbound/b"), "m3": "hello"}
    done = inbound("redrive", "--dry-run")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == (
        "inbound/a  (2026-11-21T11:00:00.123Z, 3 tries, Undelivered: the webhook answered 503)"
    )
    assert done.stdout.splitlines()[-1] == "2 would be replayed, 1 not"
    assert (len(stack.queue), stack.ran) == (3, [])


def test_redrive_that_is_stopped_says_how_far_it_came(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.queue = {f"m{n}": letter(f"inbound/{n}") for n in range(5)}
    stack.stop_after = 2
    done = inbound("redrive")
    assert (done.exit_code, done.stdout, len(stack.queue)) == (3, "", 3)
    assert "2 messages replayed; what is left is in the queue still: run it again" in done.stderr


def test_backfill(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.messages = 3
    done = inbound("backfill", "--since", "1h")
    assert done.exit_code == 0
    assert re.fullmatch(r"3 messages from \S+Z to \S+Z handed to the forwarder, to be posted again\n", done.stdout)
    assert len(stack.ran) == 3


def test_backfill_only_counts_in_a_dry_run(inbound: Callable[..., Result], stack: Stack) -> None:
    stack.messages = 2500
    done = inbound("backfill", "--since", "1h", "--dry-run")
    assert done.exit_code == 0
    assert done.stdout.startswith("2,500 messages (2 GB) from ")
    assert done.stdout.endswith(" would be posted again\n")
    found = json.loads(inbound("backfill", "--since", "1h", "--dry-run", "--format", "json").stdout)
    assert (found["dry_run"], found["found"], found["bytes"], found["posted"]) == (True, 2500, 2500 * 2**20, 0)
    assert stack.ran == []


@pytest.mark.parametrize(("messages", "asks"), [(1000, False), (1001, True)])
def test_many_are_not_posted_without_a_yes(
    inbound: Callable[..., Result], stack: Stack, messages: int, asks: bool
) -> None:
    stack.messages = messages
    done = inbound("backfill", "--since", "1h")
    if asks:
        assert (done.exit_code, stack.ran) == (2, [])
        assert "would post 1,001 messages (1,001 MB), about 2 minutes again; --yes" in done.stderr
        assert inbound("backfill", "--since", "1h", "--yes").exit_code == 0
    assert len(stack.ran) == messages


@pytest.mark.parametrize(("answer", "code", "posted"), [("y\n", 0, 1001), ("n\n", 1, 0), ("\n", 1, 0)])
def test_on_a_terminal_the_question_decides(
    inbound: Callable[..., Result],
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    posted: int,
) -> None:
    monkeypatch.setattr(options, "on_terminal", lambda: True)
    stack.messages = 1001
    done = inbound("backfill", "--since", "1h", input=answer)
    assert (done.exit_code, len(stack.ran)) == (code, posted)
    assert "Post 1,001 messages (1,001 MB), about 2 minutes again?" in done.stderr


def test_backfill_that_is_stopped_says_where_to_go_on(
    run: Callable[..., Result], inbound: Callable[..., Result], stack: Stack, connection: Connection
) -> None:
    stack.messages, stack.stop_after = 5, 2
    done = inbound("backfill", "--since", "2026-01-01", "--rate", "5", "--stack", "their stack")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "2 of 5 messages done. To go on:" in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("byoaws ")]
    assert line.startswith(f"byoaws inbound backfill --connection {connection.id} --stack 'their stack' --since ")
    assert line.endswith("Z --after inbound/000001 --rate 5")
    stack.stop_after = 10**9
    assert run(*line.replace("'their stack'", "their").split()[1:]).exit_code == 0
    assert [event["Records"][0]["s3"]["object"]["key"][-1] for event in stack.ran] == list("01234")  # type: ignore[index]


@pytest.mark.parametrize(
    ("store", "shown"),
    [
        ("postgresql://ops:hunter22@db.example/byoaws", "'postgresql://ops:<PASSWORD>@db.example/byoaws'"),
        (
            "postgresql+psycopg://ops:hun@ter:2/2@db.example/byoaws",
            "'postgresql+psycopg://ops:<PASSWORD>@db.example/byoaws'",
        ),
        ("postgresql://ops@db.example/byoaws", "postgresql://ops@db.example/byoaws"),
        ("sqlite:////srv/a:b@c.sqlite3", "sqlite:////srv/a:b@c.sqlite3"),
    ],
)
def test_attack_the_command_to_go_on_with_holds_no_password(
    inbound: Callable[..., Result], stack: Stack, store: str, shown: str
) -> None:
    """What is printed there stays in logs of CI, and in whatever it is pasted into."""
    stack.messages, stack.stop_after = 5, 2
    done = inbound("backfill", "--since", "2026-01-01", "--store", store)
    assert f" --store {shown} " in done.stderr
    assert "hunter22" not in done.output
    assert "ter:2/2" not in done.output


@pytest.mark.parametrize(
    "key",
    [
        "inbound/1",
        "inbound/it's",
        "inbound/\x1b]0;owned\x07",
        "a\nbyoaws disconnect x",
        "\u202e'\\\x9b$(id)`id`",
        "é\x001",
    ],
    ids=ascii,
)
def test_where_to_go_on_is_said_so_that_neither_terminal_nor_shell_obeys_it(key: str) -> None:
    from byoaws.commands.inbound_commands.backfill import _word

    word = _word(key)
    assert word.isprintable()
    if "\0" not in key:  # which no argument can hold
        read = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True)
        assert read.stdout.decode() == key


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_shows_how_many_how_fast_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with counting("posting again", 3) as advance:
        for _ in range(4):  # more than were counted
            advance()
    assert "posting again" in screen.getvalue()
    assert "4/4" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")  # the line is erased


def test_progress_is_silent_without_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with counting("posting again", 3) as advance:
        advance()
    assert capfd.readouterr() == ("", "")


def test_help_names_the_pack(run: Callable[..., Result], cwd: Path) -> None:
    for command in ("redrive", "backfill"):
        assert "inbound-replay" in run("inbound", command, "--help").stdout
