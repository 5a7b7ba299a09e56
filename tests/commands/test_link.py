"""`link`: the exact shape, fresh values each time, and nothing stored."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

from byoaws.quickcreate import webhook_secret
from byoaws.quickcreate.url import parse

EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.usefixtures("vendor_env")


def test_json_shape(json_of: Callable[..., dict], vendor_env: Mapping[str, str]) -> None:
    made = json_of("link", "--region", "eu-west-1", "--external-id", EXTERNAL_ID)
    assert list(made) == [
        "url",
        "region",
        "stack_name",
        "template_url",
        "parameters",
        "customer_fills_in",
        "capabilities",
        "cli",
        "terraform",
    ]
    secret = made["parameters"].pop("WebhookSecret")
    assert webhook_secret.PATTERN.fullmatch(secret)
    assert made["parameters"] == {
        "ExternalId": EXTERNAL_ID,
        "MailmarkAwsAccountId": "111122223333",
        "InboundWebhookUrl": "https://api.mailmark.dev/v1/aws/inbound",
        "SendingWebhookUrl": "https://api.mailmark.dev/v1/aws/sending",
    }
    assert (made["region"], made["stack_name"]) == ("eu-west-1", "mailmark-byo-aws")
    assert made["template_url"] == vendor_env["MAILMARK_CFN_TEMPLATE_URL"]
    assert made["capabilities"] == ["CAPABILITY_IAM"]


def test_url_says_what_the_json_says(json_of: Callable[..., dict]) -> None:
    made = json_of("link")
    link = parse(made["url"])
    assert made["url"].startswith(
        "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/"
    )
    assert (link.region, link.stack_name, link.template_url, dict(link.parameters)) == (
        made["region"],
        made["stack_name"],
        made["template_url"],
        made["parameters"],
    )


def test_command_line_and_terraform_carry_the_same_values(json_of: Callable[..., dict]) -> None:
    made = json_of("link")
    words = shlex.split(made["cli"])
    assert words[:3] == ["aws", "cloudformation", "create-stack"]
    assert words[words.index("--template-url") + 1] == made["template_url"]
    for value in made["parameters"].values():
        assert value in made["cli"]
        assert f'"{value}"' in made["terraform"]


def test_mints_anew_each_time_and_stores_nothing(
    json_of: Callable[..., dict], everything: Callable[[], dict[str, str]]
) -> None:
    before = everything()
    first, second = (json_of("link")["parameters"] for _ in range(2))
    for name in ("ExternalId", "WebhookSecret"):
        assert first[name] != second[name]
    assert len(bytes.fromhex(first["ExternalId"])) == 24
    assert everything() == before


def test_text_has_the_same_link_and_a_warning_apart(run: Callable[..., Result]) -> None:
    done = run("link", "--external-id", EXTERNAL_ID)
    assert done.exit_code == 0
    url = next(line for line in done.stdout.splitlines() if line.startswith("https://"))
    assert parse(url).parameters["ExternalId"] == EXTERNAL_ID
    assert "CAPABILITY_IAM, then Create stack" in done.stdout
    assert "warning: the link carries WebhookSecret in plain text" in done.stderr
    assert parse(url).parameters["WebhookSecret"] not in done.stderr


def test_json_is_alone_on_stdout_whatever_is_said_beside_it(run: Callable[..., Result]) -> None:
    done = run("link", "--format", "json")
    assert done.stdout.startswith("{\n")
    assert done.stdout.endswith("}\n")
    assert done.stderr == "vendor: mailmark (the default)\nregion: us-east-1\n"


def test_options_win_over_the_vendor_file(json_of: Callable[..., dict]) -> None:
    made = json_of(
        *("link", "--vendor", "mailmark", "--region", "eu-central-1", "--stack-name", "mine"),
        *("--template-url", "https://other.s3.eu-central-1.amazonaws.com/t.json?versionId=abc"),
        *("--param", "InboundWebhookUrl=https://hooks.example/in?a=b&c=d"),
    )
    link = parse(made["url"])
    assert link.region == "eu-central-1"
    assert link.stack_name == "mine"
    assert link.template_url.endswith("?versionId=abc")
    assert link.parameters["InboundWebhookUrl"] == "https://hooks.example/in?a=b&c=d"


def test_without_colour_no_escape(run: Callable[..., Result]) -> None:
    assert "\x1b[" in run("link", env={"FORCE_COLOR": "1"}).stdout
    plain = run("link", env={"FORCE_COLOR": "1", "NO_COLOR": "1"})
    assert "\x1b" not in plain.stdout + plain.stderr


def test_a_generated_secret_is_in_no_link(cwd: Path, json_of: Callable[..., dict]) -> None:
    import byoaws.vendors

    source = (Path(byoaws.vendors.__file__).parent / "mailmark.yaml").read_text()
    source = source.replace("webhook_secret: parameter", "webhook_secret: generated", 1)
    (cwd / "byoaws.yaml").write_text(source.replace("  - self-read\n", "  - self-read\n  - webhook-secret-read\n"))
    made = json_of("link")
    # The stack makes the secret: there is none to warn of.
    assert "WebhookSecret" not in made["parameters"]
    assert "whsec_" not in str(made)
