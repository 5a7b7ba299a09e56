"""The request's text: made of what was said, and refused where that is too thin."""

from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from byoaws.errors import UsageError
from byoaws.flows.production_access.use_case import LONGEST, MOST_CONTACTS, QUESTIONS, Answers, draft

GOOD = Answers(
    domain="mail.example.com",
    website="https://www.example.com/",
    mail_type="transactional",
    volume=5000,
    mails="Password resets and receipts that our users ask for",
    recipients="Users sign up on our website and confirm their address by a link",
    bounces="Our webhook takes bouncing and complaining addresses off the list at once",
    unsubscribe="Each mail answers an action of the user, so there is nothing to unsubscribe from",
    contacts=("postmaster@example.com",),
)
REQUEST = botocore.session.get_session().get_service_model("sesv2").shape_for("PutAccountDetailsRequest")


def refusal(**changed: Any) -> str:
    with pytest.raises(UsageError) as refused:
        draft(replace(GOOD, **changed))
    assert refused.value.hint
    return str(refused.value)


def test_the_text_says_what_was_said() -> None:
    details = draft(GOOD)
    assert (details.mail_type, details.website_url) == ("TRANSACTIONAL", "https://www.example.com/")
    assert details.contacts == ("postmaster@example.com",)
    for said in (GOOD.mails, GOOD.recipients, GOOD.bounces, GOOD.unsubscribe, "5,000 e-mails a day", GOOD.domain):
        assert said in details.use_case


def test_the_limits_are_those_of_aws() -> None:
    assert REQUEST.members["UseCaseDescription"].metadata["max"] == LONGEST
    assert REQUEST.members["AdditionalContactEmailAddresses"].metadata["max"] == MOST_CONTACTS
    assert {"transactional", "marketing"} == {name.lower() for name in REQUEST.members["MailType"].enum}
    assert "EN" in REQUEST.members["ContactLanguage"].enum


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize(
    "thin",
    [
        "",
        " ",
        "-",
        "n/a",
        "yes",
        "we send mail",
        "we send e-mails to users",
        "mail mail mail mail mail mail mail mail mail",
    ],
)
def test_an_answer_too_thin_is_refused(name: str, thin: str) -> None:
    told = refusal(**{name: thin})
    assert f"--{name}: " in told
    assert QUESTIONS[name] in told


def test_everything_that_is_wrong_is_told_at_once() -> None:
    told = refusal(mails="mail", bounces="none", volume=0, domain="Example", mail_type="both", contacts=("me",))
    for name in ("--mails", "--bounces", "--volume", "--domain", "--mail-type", "--contact"):
        assert f"\n  {name}: " in told
    assert "--recipients" not in told


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "example",
        "Example.com",
        "-a.example.com",
        "a..example.com",
        "10.0.0.1",
        "a@b.example",
        "x." * 130 + "com",
        "münchen.example",
    ],
)
def test_what_is_no_domain(domain: str) -> None:
    assert "--domain" in refusal(domain=domain)


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "me",
        "me@",
        "@example.com",
        "a b@example.com",
        "a@example",
        "<a@example.com>",
        "a@example.com,b@example.com",
        "a@example.com\nBcc: x@y.example",
        "a" * 250 + "@example.com",
    ],
)
def test_what_is_no_mail_address(contact: str) -> None:
    assert "--contact" in refusal(contacts=(contact,))


def test_too_many_contacts() -> None:
    assert "5 of them; AWS takes 4" in refusal(contacts=tuple(f"me{number}@example.com" for number in range(5)))


@pytest.mark.parametrize(
    "text", ["a long answer\nwith a second line of text that goes on", "an answer with \x1b[31m colours of all kinds"]
)
def test_control_characters_are_refused_and_not_shown(text: str) -> None:
    told = refusal(mails=text)
    assert "control character" in told
    assert "\x1b" not in told


def test_an_answer_too_long() -> None:
    assert "at most 1,000" in refusal(mails="several words of an answer that goes on " * 40)


PROSE = st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12), max_size=60).map(" ".join)


@given(PROSE, PROSE, PROSE, PROSE, st.integers(-5, 10**10))
def test_what_is_drafted_is_what_aws_takes(
    mails: str, recipients: str, bounces: str, unsubscribe: str, volume: int
) -> None:
    answers = replace(GOOD, mails=mails, recipients=recipients, bounces=bounces, unsubscribe=unsubscribe, volume=volume)
    try:
        details = draft(answers)
    except UsageError as refused:
        assert "not ready" in refused.message  # noqa: PT017  either is right
        return
    sent = {
        "MailType": details.mail_type,
        "WebsiteURL": details.website_url,
        "UseCaseDescription": details.use_case,
        "AdditionalContactEmailAddresses": list(details.contacts),
    }
    assert not ParamValidator().validate(sent, REQUEST).has_errors()
    assert len(details.use_case) <= LONGEST
