"""The journey runs real commands; here its stage and its screen are fakes, and so is what goes wrong."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import FakeAwsError
from byoaws.flows.demo import run as demo
from byoaws.quickcreate.url import Link
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor

CONSOLE = "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/create/review"
ANSWER = {"url": f"{CONSOLE}?templateURL=t", "connection_id": "con_x", "external_id": "x"}


@dataclass
class Screen:
    """Remembers what was shown."""

    shown: list[tuple[str, str]] = field(default_factory=list)

    def step(self, title: str) -> None:
        self.shown.append(("step", title))

    def command(self, text: str) -> None:
        self.shown.append(("command", text))

    def output(self, text: str) -> None:
        self.shown.append(("output", text))

    def note(self, text: str) -> None:
        self.shown.append(("note", text))

    @property
    def verbs(self) -> list[str]:
        return [text.split()[1] for kind, text in self.shown if kind == "command"]


class Stage:
    """An AWS that takes everything."""

    vendor_account = "111122223333"
    environment: Mapping[str, str] = {"AWS_REGION": "us-east-1", "WHO": "vendor"}
    publisher_environment: Mapping[str, str] = {"WHO": "administrator"}

    def __init__(self) -> None:
        self.roles: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {}
        self.users: dict[str, Sequence[Mapping[str, Any]]] = {}

    def deploy(self, link: Link, watch: Callable[[str], None]) -> Mapping[str, str]:
        watch("AWS::IAM::Role AccessRole")
        return {"RoleArn": "arn:aws:iam::444455556666:role/r", "BucketName": "mail", "AccessKeySecretArn": "arn:s"}

    def create_role(self, name: str, path: str, trust: Mapping[str, Any], permissions: Mapping[str, Any]) -> str:
        self.roles[f"{name} {len(self.roles)}"] = (path, trust, permissions)
        return f"arn:aws:iam::444455556666:role{path}{name}"

    def keys_in(self, secret_arn: str) -> Mapping[str, str]:
        assert secret_arn == "arn:s"
        return {"WHO": "software"}

    def create_user(self, name: str, statements: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
        self.users[name] = statements
        return {"WHO": name}

    def root_keys(self) -> Mapping[str, str]:
        return {"WHO": "root"}


@dataclass
class Ran:
    """Who ran which command."""

    commands: list[tuple[str, list[str]]] = field(default_factory=list)


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., demo.Journey]:
    """A journey whose commands end as told, by their first word; the others do what is wanted of them."""

    def make(
        stage: Stage,
        screen: Screen,
        codes: Mapping[str, int] | None = None,
        *,
        vendor: str = "mailmark",
        ran: Ran | None = None,
    ) -> demo.Journey:
        def run(command: list[str], **options: Any) -> Any:
            verb, *rest = command[3:]
            who = options["env"].get("WHO")
            (ran or Ran()).commands.append((who, [verb, *rest]))
            assert options["cwd"] == tmp_path
            wrong = verb == "verify" and ("--external-id" in rest or who in ("root", "no-policy", "v1-policy"))
            code = (codes or {}).get(verb, 1 if wrong else 0)
            return demo.subprocess.CompletedProcess(command, code, json.dumps(ANSWER), "what went wrong\n")

        monkeypatch.setattr(demo.subprocess, "run", run)
        chosen: Vendor = load_vendor(vendor, {})
        option = None if vendor == "mailmark" else vendor
        return demo.Journey(aws=stage, screen=screen, vendor=chosen, vendor_option=option, folder=tmp_path, env={})

    return make


def test_one_sound_account_and_three_that_are_not(journey: Callable[..., demo.Journey]) -> None:
    stage, screen, ran = Stage(), Screen(), Ran()
    journey(stage, screen, ran=ran).run()
    assert screen.verbs == [
        *("generate", "lint", "publish", "connect", "verify", "verify", "connections"),
        *("verify", "verify", "verify"),
    ]
    assert {who for who, (verb, *_) in ran.commands if verb == "publish"} == {"administrator"}
    assert {who for who, (verb, *_) in ran.commands if verb == "verify"} == {"vendor"}
    open_door, stranger, lacking = stage.roles.values()
    assert open_door[0] == "/byoaws/mailmark/"
    assert "Condition" not in open_door[1]["Statement"][0]
    assert "999999999999" in str(stranger[1])
    assert stage.vendor_account in str(lacking[1])
    assert "ses:GetAccount" in open_door[2]["Statement"][0]["Action"]
    assert "ses:GetAccount" not in lacking[2]["Statement"][0]["Action"]


def test_a_vendor_with_a_fixed_role_name(journey: Callable[..., demo.Journey]) -> None:
    stage, screen = Stage(), Screen()
    journey(stage, screen, vendor="sendfleet").run()
    assert {name.split()[0] for name in stage.roles} == {"SendFleet-BYOC-Role"}
    lacking = list(stage.roles.values())[-1]
    assert "ses:GetSendQuota" not in lacking[2]["Statement"][0]["Action"]
    assert all("--vendor sendfleet" in text for kind, text in screen.shown if kind == "command" and "list" not in text)


def test_a_vendor_that_works_with_keys(journey: Callable[..., demo.Journey]) -> None:
    stage, screen, ran = Stage(), Screen(), Ran()
    journey(stage, screen, vendor="selfmx", ran=ran).run()
    assert screen.verbs == [*("generate", "lint", "publish", "link", "verify", "verify"), *("verify",) * 3]
    verified_by = [who for who, (verb, *_) in ran.commands if verb == "verify"]
    assert verified_by == ["software", "software", "root", "no-policy", "v1-policy"]
    assert not stage.roles


@pytest.mark.parametrize("verb", ["generate", "lint", "publish", "connect", "verify", "connections"])
def test_a_step_that_ends_otherwise_ends_the_journey_and_shows_why(
    verb: str, journey: Callable[..., demo.Journey]
) -> None:
    screen = Screen()
    with pytest.raises(FakeAwsError) as ended:
        journey(Stage(), screen, {verb: 3}).run()
    assert f"'byoaws {verb}' ended with exit code 3" in ended.value.message
    assert "what went wrong" in screen.shown[-1][1]


@pytest.mark.parametrize("vendor", ["mailmark", "selfmx"])
def test_what_is_broken_and_passes_is_an_error(vendor: str, journey: Callable[..., demo.Journey]) -> None:
    # The exit code 0 is right for the sound account, and wrong for the first that is not.
    with pytest.raises(FakeAwsError, match="exit code 0, and 1 was expected"):
        journey(Stage(), Screen(), {"verify": 0}, vendor=vendor).run()
