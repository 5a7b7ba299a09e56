"""The headers of a stored message, held against captured ones."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from byoaws.fakeaws.mail.received_mail import Received, headers, new_id

CAPTURED = Path(__file__).parents[4] / "shared" / "data" / "ses" / "relay" / "single_recipient_email_sns_body.json"
MAIL = Received(
    id="s08vnjngg8o82cpus2084722eiate3c6ig885f01",
    sender="fxastage@protonmail.com",
    recipients=["ebsbdsan7@test.com"],
    content=b"Subject: x\r\n\r\n",
    helo="mail-4324.protonmail.ch",
    client="185.70.43.24",
    at=datetime(2022, 1, 13, 21, 2, 45, tzinfo=UTC),
    over_tls=False,
)


def fields(top: bytes) -> list[tuple[str, str]]:
    return BytesHeaderParser().parsebytes(top).items()


@pytest.mark.skipif(not CAPTURED.exists(), reason="the folder shared/data with captured messages is not here")
def test_like_a_captured_message() -> None:
    content = json.loads(json.loads(CAPTURED.read_bytes())["Message"])["content"].encode()
    real, ours = fields(content), fields(headers(MAIL, region="us-east-1", recipients=MAIL.recipients, scanned=True))
    names = [name for name, _ in ours]
    assert names == [name for name, _ in real][: len(names)]
    unfolded = [re.sub(r"\s+", " ", value) for _, value in (real[1], ours[1])]
    assert unfolded[0] == unfolded[1]
    assert ours[0] == real[0]


def test_it_is_whole_lines_that_end_before_the_message() -> None:
    top = headers(MAIL, region="us-east-1", recipients=MAIL.recipients, scanned=True)
    assert top.endswith(b"\r\n")
    assert b"\r\n\r\n" not in top
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", top)


def test_several_recipients_are_not_named() -> None:
    found = dict(fields(headers(MAIL, region="us-east-1", recipients=["a@x.example", "b@x.example"], scanned=True)))
    assert " for " not in found["Received"]
    assert not any("x.example" in value for value in found.values())


GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.mark.parametrize(
    ("content", "spam", "virus"),
    [(b"x", "PASS", "PASS"), (GTUBE, "FAIL", "PASS"), (EICAR, "PASS", "FAIL")],
    ids=["harmless", "spam", "virus"],
)
def test_verdicts(content: bytes, spam: str, virus: str) -> None:
    mail = replace(MAIL, content=content)
    found = dict(fields(headers(mail, region="us-east-1", recipients=MAIL.recipients, scanned=True)))
    assert (found["X-SES-Spam-Verdict"], found["X-SES-Virus-Verdict"]) == (spam, virus)


def test_without_a_scan_there_is_no_verdict() -> None:
    assert b"Verdict" not in headers(MAIL, region="us-east-1", recipients=MAIL.recipients, scanned=False)


def test_ids_are_like_sess_own() -> None:
    found = {new_id() for _ in range(100)}
    assert len(found) == 100
    assert all(re.fullmatch(r"[a-z0-9]{38}01", one) for one in found)
