"""The journey runs real commands; here its stage and its screen are fakes, and so is what goes wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import FakeAwsError
from byoaws.flows import demo
from byoaws.quickcreate.url import Link


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


class Stage:
    """An AWS that takes everything."""

    vendor_account = "111122223333"
    environment: Mapping[str, str] = {"AWS_REGION": "us-east-1"}

    def __init__(self) -> None:
        self.published: list[str] = []
        self.roles: dict[str, Mapping[str, Any]] = {}

    def publish(self, template: str, key: str) -> str:
        self.published.append(template)
        return f"https://templates.s3.us-east-1.amazonaws.com/{key}"

    def deploy(self, link: Link, watch: Callable[[str], None]) -> Mapping[str, str]:
        watch("AWS::IAM::Role AccessRole")
        return {"RoleArn": "arn:aws:iam::444455556666:role/r", "BucketName": "mail"}

    def create_role(self, name: str, trust: Mapping[str, Any], permissions: Mapping[str, Any]) -> str:
        self.roles[name] = trust
        return f"arn:aws:iam::444455556666:role/{name}"


@pytest.fixture
def journey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., demo.Journey]:
    """A journey whose commands end as told, by their first word; the others do what is wanted of them."""

    def make(stage: Stage, screen: Screen, codes: Mapping[str, int] | None = None) -> demo.Journey:
        def run(command: list[str], **options: Any) -> Any:
            verb, *rest = command[3:]
            assert options["cwd"] == tmp_path
            if verb == "generate":
                (tmp_path / "mailmark.yaml").write_text("Resources: {}")
            wrong_role = verb == "verify" and "--external-id" in rest
            code = (codes or {}).get(verb, 1 if wrong_role else 0)
            url = "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/create/review"
            out = f'{{"url": "{url}?templateURL=t", "connection_id": "con_x", "external_id": "x"}}'
            return demo.subprocess.CompletedProcess(command, code, out, "what went wrong\n")

        monkeypatch.setattr(demo.subprocess, "run", run)
        return demo.Journey(aws=stage, screen=screen, folder=tmp_path, env={})

    return make


def test_one_sound_account_and_three_that_are_not(journey: Callable[..., demo.Journey]) -> None:
    stage, screen = Stage(), Screen()
    journey(stage, screen).run()
    assert stage.published == ["Resources: {}"]
    commands = [text for kind, text in screen.shown if kind == "command"]
    assert [text.split()[1] for text in commands] == [
        *("generate", "lint", "connect", "verify", "verify", "connections"),
        *("verify", "verify", "verify"),
    ]
    assert set(stage.roles) == {"no-external-id", "wrong-account", "no-get-account"}
    assert "Condition" not in stage.roles["no-external-id"]["Statement"][0]
    assert "999999999999" in str(stage.roles["wrong-account"])
    assert stage.vendor_account in str(stage.roles["no-get-account"])


@pytest.mark.parametrize("verb", ["generate", "lint", "connect", "verify", "connections"])
def test_a_step_that_ends_otherwise_ends_the_journey_and_shows_why(
    verb: str, journey: Callable[..., demo.Journey]
) -> None:
    screen = Screen()
    with pytest.raises(FakeAwsError) as ended:
        journey(Stage(), screen, {verb: 3}).run()
    assert f"'byoaws {verb}' ended with exit code 3" in ended.value.message
    assert "what went wrong" in screen.shown[-1][1]


def test_a_broken_role_that_passes_is_an_error(journey: Callable[..., demo.Journey]) -> None:
    # The exit code 0 is right for the sound account, and wrong for the first role that opens for anybody.
    with pytest.raises(FakeAwsError, match="exit code 0, and 1 was expected"):
        journey(Stage(), Screen(), {"verify": 0}).run()
