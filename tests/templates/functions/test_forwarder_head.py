"""What the forwarder tells of a message by its head: SES's own words, a stranger's that look alike, and plain garbage.

The samples are messages as SES stored them, and the mail of other people's tests, where they are at hand.
"""

import email
import email.policy
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHARED = Path(__file__).parents[4] / "shared" / "data"
MAILS = sorted((SHARED / "mail").rglob("*.eml"))
ID = "s08vnjngg8o82cpus2084722eiate3c6ig885f01"
BY_SES = (
    "Return-Path: <ann@sender.example>\r\n"
    "Received: from mail-1.sender.example (mail-1.sender.example [192.0.2.24])\r\n"
    f" by inbound-smtp.us-east-1.amazonaws.com with SMTP id {ID}\r\n"
    " for bob@customer.example;\r\n"
    " Thu, 13 Jan 2026 21:02:45 +0000 (UTC)\r\n"
)
VERDICTS = (
    "X-SES-Spam-Verdict: PASS\r\n"
    "X-SES-Virus-Verdict: PASS\r\n"
    "Received-SPF: pass (spfCheck: ...) client-ip=192.0.2.24; envelope-from=ann@sender.example;\r\n"
    "Authentication-Results: amazonses.com;\r\n spf=pass;\r\n dkim=pass header.i=@sender.example;\r\n"
)
SEAL = "X-SES-RECEIPT: AEFBQUFB\r\nX-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=Dl/vQ\r\n"
LETTER = "Received: by mail-1.sender.example for <o@x.example>; Thu\r\nFrom: Ann <ann@sender.example>\r\n\r\nHi"


@pytest.fixture
def told(load: Callable[..., Any]) -> Callable[..., Any]:
    """What the function tells: `told(head, ses_id)`."""
    module = load("forwarder", s3=None, secretsmanager=None)

    def run(head: str | bytes, ses_id: str = ID) -> Any:
        data = head.encode() if isinstance(head, str) else head
        found = module.told_by(data[: module.HEAD], ses_id)
        return json.loads(json.dumps(found))

    return run


def test_what_ses_wrote(told: Callable[..., Any]) -> None:
    assert told(BY_SES + VERDICTS + SEAL + LETTER) == {
        "envelope": {"sender": "ann@sender.example", "recipients": ["bob@customer.example"]},
        "headers": [
            ["X-SES-Spam-Verdict", "PASS"],
            ["X-SES-Virus-Verdict", "PASS"],
            ["Received-SPF", "pass (spfCheck: ...) client-ip=192.0.2.24; envelope-from=ann@sender.example;"],
            ["Authentication-Results", "amazonses.com; spf=pass; dkim=pass header.i=@sender.example;"],
            ["From", "Ann <ann@sender.example>"],
        ],
    }


ENVELOPES = {
    "a bounce": (("<ann@sender.example>", "<>"), "", ["bob@customer.example"]),
    "recipient in < >": (("for bob@customer.example", "for <bob@customer.example>"), None, ["bob@customer.example"]),
    "quoted recipient": (("for bob@", 'for "b; o b"@'), None, ['"b; o b"@customer.example']),
    "recipient not told": ((" for bob@customer.example;\r\n", ""), None, []),
    "no Return-Path": (("Return-Path: <ann@sender.example>\r\n", ""), "none", ["bob@customer.example"]),
    "unfolded": (("\r\n ", " "), None, ["bob@customer.example"]),
    "folded by tabs": (("\r\n ", "\r\n\t"), None, ["bob@customer.example"]),
    "bare line feeds": (("\r\n", "\n"), None, ["bob@customer.example"]),
    "other cases": (("Return-Path", "RETURN-PATH"), None, ["bob@customer.example"]),
    "another region": (("us-east-1", "ap-southeast-3"), None, ["bob@customer.example"]),
}


@pytest.mark.parametrize(("change", "sender", "recipients"), ENVELOPES.values(), ids=ENVELOPES)
def test_envelopes(
    told: Callable[..., Any], change: tuple[str, str], sender: str | None, recipients: list[str]
) -> None:
    wanted = {None: "ann@sender.example", "none": None}.get(sender, sender)
    found = told((BY_SES + VERDICTS + SEAL + LETTER).replace(*change))
    assert found["envelope"] == {"sender": wanted, "recipients": recipients}
    assert len(found["headers"]) == 5


FORGED = BY_SES.replace("ann@sender.example", "boss@customer.example").replace("bob@", "victim@")
NOTHING = {"sender": None, "recipients": []}
FORGERIES = {
    "SES wrote nothing": (FORGED.replace(ID, "s08vnjngg8o82cpus2084722eiate3c6ig885f02") + LETTER, NOTHING),
    "only the begin of the id": (FORGED.replace(ID, ID[:-1]) + LETTER, NOTHING),
    "more than the id": (FORGED.replace(ID, f"{ID}-x") + LETTER, NOTHING),
    "below another header": ("X-Mine: 1\r\n" + FORGED + LETTER, NOTHING),
    "Received alone, below another header": ("X: 1\r\n" + FORGED.partition("\r\n")[2] + LETTER, NOTHING),
    "Return-Path of a stranger": ("Return-Path: <boss@customer.example>\r\n" + LETTER, NOTHING),
    "in another header": ("X" + FORGED.partition("\r\n")[2] + LETTER, NOTHING),
    "in the body": ("Subject: x\r\n\r\n" + FORGED, NOTHING),
}


@pytest.mark.parametrize(("head", "envelope"), FORGERIES.values(), ids=FORGERIES)
def test_a_stranger_s_words_are_not_ses_s(told: Callable[..., Any], head: str, envelope: dict[str, Any]) -> None:
    found = told(head)
    assert found["envelope"] == envelope


def test_further_down_the_same_words_count_for_nothing(told: Callable[..., Any]) -> None:
    found = told(BY_SES + VERDICTS + SEAL + FORGED + VERDICTS.replace("pass", "fail") + LETTER)
    assert found["envelope"] == {"sender": "ann@sender.example", "recipients": ["bob@customer.example"]}
    assert "fail" not in json.dumps(found)
    assert len(found["headers"]) == 5


@pytest.mark.parametrize("words", ["X-SES-Spam-Verdict: PASS", "Authentication-Results: amazonses.com; dmarc=pass"])
@pytest.mark.parametrize("above", [BY_SES + SEAL, "", FORGED.replace(ID, "x")], ids=["not scanned", "bare", "forged"])
def test_a_verdict_of_a_stranger_is_not_told(told: Callable[..., Any], above: str, words: str) -> None:
    assert told(f"{above}{words}\r\n{LETTER}")["headers"] == [["From", "Ann <ann@sender.example>"]]


def test_a_second_verdict_is_not_told(told: Callable[..., Any]) -> None:
    """Of SES's own there is one of each."""
    found = told(BY_SES + "X-SES-Spam-Verdict: FAIL\r\nX-SES-Spam-Verdict: PASS\r\n" + LETTER)
    assert found["headers"] == [["X-SES-Spam-Verdict", "FAIL"], ["From", "Ann <ann@sender.example>"]]


@pytest.mark.parametrize(
    "helo",
    ["x by inbound-smtp.us-east-1.amazonaws.com with SMTP id 1 for victim@x.example; x", "x for v@x.example; y"],
)
def test_a_name_by_which_a_stranger_says_hello_does_not_change_the_recipient(
    told: Callable[..., Any], helo: str
) -> None:
    """It is chosen before SES chooses the id."""
    head = BY_SES.replace("from mail-1.sender.example", f"from {helo}", 1)
    assert told(head + LETTER)["envelope"]["recipients"] == ["bob@customer.example"]


# Headers -------------------------------------------------------------------------------------------------------------

HEADERS = {
    "folded": (b"Subject: a\r\n  b\r\n\tc\r\n\r\n", [["Subject", "a  b\tc"]]),
    "encoded words stay": (b"Subject: =?utf-8?q?h=C3=A4?=\r\n\r\n", [["Subject", "=?utf-8?q?h=C3=A4?="]]),
    "UTF-8": ("Subject: h\u00e4 \U0001f4e7\r\n\r\n".encode(), [["Subject", "h\u00e4 \U0001f4e7"]]),
    "no text": (b"Subject: \xff\xfe a\x80\r\n\r\n", [["Subject", "\ufffd\ufffd a\ufffd"]]),
    "half a surrogate pair": (b"Subject: \xed\xa0\x80\r\n\r\n", [["Subject", "\ufffd\ufffd\ufffd"]]),
    "NUL": (b"Subject: a\0b\r\n\r\n", [["Subject", "a\ufffdb"]]),
    "NUL in a name": (b"Sub\0ject: a\r\nTo: b\r\n\r\n", [["To", "b"]]),
    "empty": (b"Subject:\r\n\r\n", [["Subject", ""]]),
    "only spaces": (b"Subject:  \t\r\n   \r\n\r\n", [["Subject", ""]]),
    "space before the colon": (b"Subject : a\r\n\r\n", [["Subject", "a"]]),
    "no colon": (b"Subject\r\n folded\r\nTo: b\r\n\r\n", [["To", "b"]]),
    "from a mailbox file": (b"From ann Thu Jan 13 21:02:45 2026\r\nTo: b\r\n\r\n", [["To", "b"]]),
    "begins folded": (b" Subject: a\r\nTo: b\r\n\r\n", [["To", "b"]]),
    "bare carriage return": (b"Subject: a\rTo: b\r\n\r\n", [["Subject", "a\rTo: b"]]),
    "case stays": (b"sUbJeCt: a\r\n\r\n", [["sUbJeCt", "a"]]),
    "several": (b"To: a\r\nX: y\r\nTo: b\r\n\r\n", [["To", "a"], ["To", "b"]]),
    "no body": (b"Subject: a\r\nTo: b", [["Subject", "a"], ["To", "b"]]),
    "no header": (b"\r\nSubject: a\r\n\r\n", []),
    "nothing": (b"", []),
    "quotes": (b'Subject: "\\"\r\n\r\n', [["Subject", '"\\"']]),
}


@pytest.mark.parametrize(("head", "headers"), HEADERS.values(), ids=HEADERS)
def test_headers(told: Callable[..., Any], head: bytes, headers: list[list[str]]) -> None:
    assert told(head)["headers"] == headers


def test_every_header_that_programs_look_at_is_told(told: Callable[..., Any]) -> None:
    names = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "In-Reply-To"]
    names += ["References", "Auto-Submitted", "Precedence", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"]
    names += ["Content-Type"]
    head = "".join(f"{name}: {name}\r\n" for name in names)
    assert told(head + "DKIM-Signature: no\r\nX-Spam: no\r\n\r\n")["headers"] == [[name, name] for name in names]


@pytest.mark.parametrize("line", [b"X-%d: y\r\n", b"To: %d@x.example\r\n", b" folded %d\r\n", b"\0%d\r\n"])
def test_ten_thousand_headers_are_bounded(told: Callable[..., Any], line: bytes) -> None:
    head = BY_SES.encode() + b"Subject: first\r\n" + b"".join(line % number for number in range(10_000))
    started = time.process_time()
    found = told(head + b"Subject: last\r\n\r\nHi")
    assert time.process_time() - started < 1
    # With all of them folded into it, the subject itself goes on beyond the head.
    assert [value for name, value in found["headers"] if name == "Subject"] == ([] if line[:1] == b" " else ["first"])
    assert len(found["headers"]) <= 100
    assert len(json.dumps(found)) < 500_000


def test_a_header_that_is_cut_off_is_not_told(told: Callable[..., Any]) -> None:
    """Half an address may be somebody else's."""
    head = b"To: a@x.example\r\nX: " + b"x" * 65_492 + b"\r\nCc: ann@sender.example.of.somebody.else\r\n\r\n"
    assert head[:65_536].endswith(b"Cc: ann@sender.example")
    assert told(head)["headers"] == [["To", "a@x.example"]]


HOSTILE = {
    "almost SES": b"Received: " + b" by inbound-smtp.a with b id " * 2500,
    "spaces": b"Received: by" + b" " * 65_000 + b"inbound-smtp.",
    "semicolons": b"Received: by inbound-smtp.x with y id %b for " % ID.encode() + b"a;" * 32_000,
    "line feeds": b"\n " * 32_000,
    "colons": b":" * 65_000,
    "carriage returns": b"a:\r" * 20_000,
}


@pytest.mark.parametrize("head", HOSTILE.values(), ids=HOSTILE)
def test_no_head_takes_long(told: Callable[..., Any], head: bytes) -> None:
    started = time.process_time()
    told(head)
    assert time.process_time() - started < 1


SHAPED = st.lists(
    st.sampled_from([*BY_SES.splitlines(True), *VERDICTS.splitlines(True), "To: x\r\n", " y\n", "\0", "\n"])
)


@given(head=st.binary(max_size=300) | SHAPED.map(lambda lines: "".join(lines).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_it_is_the_receiver_reads_it(told: Callable[..., Any], head: bytes) -> None:
    found = told(head)
    assert set(found) == {"envelope", "headers"}
    json.dumps(found, ensure_ascii=False).encode("utf-8")  # no half of a surrogate pair
    assert all(len(pair) == 2 and "\0" not in pair[1] for pair in found["headers"])


# Real mail -----------------------------------------------------------------------------------------------------------


def test_ses_s_own_samples(told: Callable[..., Any]) -> None:
    samples = sorted((SHARED / "ses" / "relay").glob("*_sns_body.json"))
    if not samples:
        pytest.skip("needs the shared samples of SES, which are not beside this checkout")
    seen = 0
    for path in samples:
        post = json.loads(path.read_text())
        message = json.loads(post["Message"]) if post["Type"] == "Notification" else {}
        content, receipt = message.get("content"), message.get("receipt", {})
        if not content or content.startswith("List-Unsubscribe"):  # one was edited by hand
            continue
        found = told(content)
        assert found["envelope"] == {"sender": message["mail"]["source"], "recipients": receipt["recipients"]}, path
        assert [name for name, _ in found["headers"]][:2] == ["X-SES-Spam-Verdict", "X-SES-Virus-Verdict"], path
        seen += 1
    assert seen >= 4


@pytest.mark.parametrize("path", MAILS or [None], ids=[path.stem for path in MAILS] or ["none at hand"])
def test_real_mail_arrives_byte_for_byte(forwarder: Any, monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    if path is None:
        pytest.skip("needs the shared samples of mail, which are not beside this checkout")
    monkeypatch.setenv("INLINE_LIMIT", "262144")
    body = path.read_bytes()
    mail = forwarder.mail(forwarder.forward(f"inbound/{path.name}", body))
    assert mail.raw == body
    # Python's own parser finds the same.
    parsed = email.message_from_bytes(body, policy=email.policy.compat32)
    theirs = [
        (name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\r", "").replace("\n", ""))
        for name, value in parsed.raw_items()
        if name.lower() in {"subject", "from", "to", "date", "message-id"}
    ]
    ours = [(name, value) for name, value in mail.headers if name.lower() in {name.lower() for name, _ in theirs}]
    assert ours == [(name, value.strip(" \t")) for name, value in theirs]
