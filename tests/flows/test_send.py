"""A trial of sending: refused before anything is asked, asked for once, and never of its own accord."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import Throttled, UsageError
from byoaws.flows.send import SendRequest, that_sends
from byoaws.model import Status
from byoaws.vendor_model import Vendor
from byoaws.vendors.file import load_vendor
from byoaws.verify.interface import Target

ROLE = "arn:aws:iam::444455556666:role/byoaws/mailmark/connection"


def wish(events: Path, sender: str | None = None) -> SendRequest:
    return SendRequest(events=events, sender=sender, wait=5)


def target(vendor: Vendor, pending: Any) -> Target:
    return Target(region="eu-west-1", vendor=vendor, role_arn=ROLE, external_id=pending.external_id)


def test_send_is_asked_where_somebody_wants_it_and_nowhere_else(
    vendor: Vendor, verifier: Any, fake_role: Any, pending: Any, tmp_path: Path
) -> None:
    plain = verifier(fake_role(error=Throttled("slower", operation="sts:AssumeRole")))
    sends = that_sends(plain, wish(tmp_path / "events.jsonl", "x@y.example"), vendor)
    asked = {one.name: one for one in sends.check(target(vendor, pending)).probes}
    assert asked.keys() - {one.name for one in plain.check(target(vendor, pending)).probes} == {"send"}
    assert list(asked)[-1] == "send"
    assert (asked["send"].status, asked["send"].evidence["needs"]) == (Status.SKIP, "assume-role")


def test_a_target_that_was_left_over_sends_nothing(
    vendor: Vendor, verifier: Any, fake_role: Any, pending: Any, tmp_path: Path
) -> None:
    """Only who verifies says whether to send."""
    plain = verifier(fake_role())
    sending = that_sends(plain, wish(tmp_path / "e"), vendor).sending
    report = plain.check(replace(target(vendor, pending), sending=sending))
    assert "send" not in [one.name for one in report.probes]


GOOD = ("a@b.example", "first.last+tag@xn--bcher-kva.example", "x@sub.domain.co")
BAD = (
    "",
    "a",
    "@b.example",
    "a@b",
    "a@b.example\n",
    "a b@c.example",
    "<a@b.example>",
    "a@b.example, c@d.example",
    "ü@b.de",
)


@pytest.mark.parametrize("sender", GOOD)
def test_senders(vendor: Vendor, verifier: Any, fake_role: Any, tmp_path: Path, sender: str) -> None:
    made = that_sends(verifier(fake_role()), wish(tmp_path / "e", sender), vendor)
    assert made.sending is not None
    assert (made.sending.sender, made.sending.limit) == (sender, 5)


@pytest.mark.parametrize("sender", BAD, ids=repr)
def test_what_is_no_address(vendor: Vendor, verifier: Any, fake_role: Any, tmp_path: Path, sender: str) -> None:
    with pytest.raises(UsageError, match="not a mail address"):
        that_sends(verifier(fake_role()), wish(tmp_path / "e", sender), vendor)


@pytest.mark.parametrize("name", ["none/e", "x\0y", "."], ids=["no folder", "NUL", "folder"])
def test_a_file_that_cannot_be_followed(
    vendor: Vendor, verifier: Any, fake_role: Any, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        that_sends(verifier(fake_role()), wish(tmp_path / name), vendor)


def test_a_vendor_who_is_told_of_no_events(vendor: Vendor, verifier: Any, fake_role: Any, tmp_path: Path) -> None:
    silent = replace(vendor, stack=replace(vendor.stack, blocks=("sending", "access")))
    for one in (silent, load_vendor("selfmx", {})):
        with pytest.raises(UsageError, match="no block 'notifications'"):
            that_sends(verifier(fake_role()), wish(tmp_path / "e"), one)
