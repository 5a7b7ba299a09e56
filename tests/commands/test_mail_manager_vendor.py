"""A vendor that receives by Mail Manager: its cost is said wherever a customer is given the stack, and its runbooks
speak of no receipt rules.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

VENDOR = str(Path(__file__).parents[1] / "data" / "vendors" / "mail-manager-default.yaml")
URL = "https://templates.s3.us-east-1.amazonaws.com/acme.yaml"
COSTS = "warning: Mail Manager costs the customer about USD 50 a month even if no mail comes"


@pytest.mark.parametrize(
    "args",
    [
        ["generate"],
        ["generate", "-o", "t.yaml"],
        ["link", "--template-url", URL],
        ["connect", "--alias", "A", "--template-url", URL],
    ],
    ids=["generate", "generate-to-a-file", "link", "connect"],
)
def test_it_is_said(args: list[str], run: Callable[..., Result]) -> None:
    done = run(*args, "--vendor", VENDOR)
    assert done.exit_code == 0
    assert COSTS in done.stderr


def test_it_is_not_said_of_receipt_rules(run: Callable[..., Result]) -> None:
    assert "Mail Manager" not in run("generate", "--vendor", "mailmark").stderr


def test_it_is_not_said_where_nothing_is_given_out(cwd: Path, run: Callable[..., Result]) -> None:
    (cwd / "t.yaml").write_text(run("generate", "--vendor", VENDOR).stdout)
    done = run("generate", "--vendor", VENDOR, "--check", "t.yaml")
    assert (done.exit_code, COSTS in done.stderr) == (0, False)


def test_check_says_it_as_well(run: Callable[..., Result]) -> None:
    done = run("vendor", "check", "--vendor", VENDOR)
    assert (done.exit_code, "W113" in done.stdout) == (1, True)
    assert run("vendor", "check", "--vendor", VENDOR, "--ignore", "W113").exit_code == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("connect", ("InboundMxRecord", "InboundRecipients", "about USD 50")),
        ("disconnect", ("InboundMxRecord", "ingress points and rules")),
        ("upgrade-stack", ("IngressPoint...", "Archive...")),
    ],
)
def test_runbooks(name: str, words: tuple[str, ...], output_of: Callable[..., str]) -> None:
    page = output_of("runbook", name, "--vendor", VENDOR)
    for word in words:
        assert word in page
        assert word not in output_of("runbook", name, "--vendor", "mailmark") or word == "InboundRecipients"
    for word in ("eceipt rule", "receipt-rule", "ReceiptRule", "InboundRuleSet", "inbound-smtp"):
        assert word not in page
