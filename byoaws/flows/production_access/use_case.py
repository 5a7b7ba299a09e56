"""The text that asks AWS for production access, drafted from a few answers; an answer too thin is refused.

People at AWS read it and deny what is vague, so nothing is filled in that was not said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from byoaws.aws.interface import AccountDetails
from byoaws.errors import UsageError

LONGEST = 5000
"""Characters. Source: botocore sesv2, shape UseCaseDescription."""
MOST_CONTACTS = 4
"""Source: botocore sesv2, shape AdditionalContactEmailAddresses."""
MAIL_TYPES = ("transactional", "marketing")

_FEWEST_WORDS = 6
_FEWEST_LETTERS = 30
_LONGEST_ANSWER = 1000
_WORD = re.compile(r"[^\W\d_]{2,}")
_DOMAIN = re.compile(r"(?=.{4,253}$)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+[a-z][a-z0-9-]*[a-z0-9]")
# Source: botocore sesv2, shape AdditionalContactEmailAddress; narrower, since it is typed by hand.
_MAIL = re.compile(r"(?=.{6,254}$)[^\s@<>,;\"']+@[^\s@<>,;\"']+\.[^\s@<>,;\"'.]{2,}", re.ASCII)
_MOST_A_DAY = 10**9

QUESTIONS = {
    "mails": "what is sent, to whom and why (such as password resets after a user asks for one)",
    "recipients": "where the recipients' addresses come from, and how they agreed",
    "bounces": "what happens with bounces and complaints",
    "unsubscribe": "how recipients unsubscribe (for transactional mail: why there is nothing to unsubscribe from)",
}
"""The answers in prose, and what each must say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is asked of the customer before AWS is."""

    domain: str
    """That mail is sent from."""
    website: str
    """https URL."""
    mail_type: str
    """A member of `MAIL_TYPES`."""
    volume: int
    """E-mails a day at most."""
    mails: str
    recipients: str
    bounces: str
    unsubscribe: str
    contacts: tuple[str, ...]
    """Mail addresses that AWS writes to as well."""


def draft(answers: Answers) -> AccountDetails:
    """Return the request that the answers make.

    Raises:
        UsageError: all that is missing, too thin or malformed.
    """
    mistakes = list(_mistakes(answers))
    text = _text(answers)
    if len(text) > LONGEST:
        mistakes.append(f"all together: {len(text):,} characters; AWS takes {LONGEST:,}")
    if mistakes:
        lines = "".join(f"\n  {mistake}" for mistake in mistakes)
        raise UsageError(
            f"the request is not ready, and AWS would deny it:{lines}",
            hint="say it as you would to a stranger who decides: what, to whom, how often, and what if they object",
        )
    return AccountDetails(
        mail_type=answers.mail_type.upper(), website_url=answers.website, use_case=text, contacts=answers.contacts
    )


def is_domain(text: str) -> bool:
    """True for a domain name in lower case with two labels or more."""
    return bool(_DOMAIN.fullmatch(text))


def _mistakes(answers: Answers) -> Iterator[str]:
    if not is_domain(answers.domain):
        yield f"--domain: {_shown(answers.domain)} is not a domain in lower-case letters, such as mail.example.com"
    if answers.mail_type not in MAIL_TYPES:
        yield f"--mail-type: {_shown(answers.mail_type)} is not one of {', '.join(MAIL_TYPES)}"
    if not 1 <= answers.volume <= _MOST_A_DAY:
        yield f"--volume: {answers.volume} is not a number of e-mails a day"
    for name, wanted in QUESTIONS.items():
        if mistake := _prose_mistake(getattr(answers, name)):
            yield f"--{name}: {mistake}; say {wanted}"
    yield from _contact_mistakes(answers.contacts)


def _prose_mistake(text: str) -> str:
    if not text.isprintable():
        return "holds a line break or a control character"
    if len(text) > _LONGEST_ANSWER:
        return f"has {len(text):,} characters, at most {_LONGEST_ANSWER:,}"
    words = _WORD.findall(text)
    if not words:
        return "nothing is said"
    if len({word.lower() for word in words}) < _FEWEST_WORDS or sum(map(len, words)) < _FEWEST_LETTERS:
        return f"{_shown(text)} is too thin"
    return ""


def _contact_mistakes(contacts: tuple[str, ...]) -> Iterator[str]:
    if len(contacts) > MOST_CONTACTS:
        yield f"--contact: {len(contacts)} of them; AWS takes {MOST_CONTACTS}"
    for contact in contacts:
        if not _MAIL.fullmatch(contact) or not contact.isprintable():
            yield f"--contact: {_shown(contact)} is not a mail address"


def _shown(text: str) -> str:
    clipped = text if len(text) <= 60 else f"{text[:57]}..."
    return "'" + "".join(char if char.isprintable() else "\ufffd" for char in clipped) + "'"


def _text(answers: Answers) -> str:
    kind = {"transactional": "Transactional e-mail", "marketing": "Marketing e-mail"}.get(answers.mail_type, "E-mail")
    parts = (
        f"{kind} from {answers.domain}, for the service at {answers.website}.",
        f"What we send: {_sentence(answers.mails)}",
        f"Volume: up to {answers.volume:,} e-mails a day.",
        f"Recipients: {_sentence(answers.recipients)}",
        f"Bounces and complaints: {_sentence(answers.bounces)}",
        f"Unsubscribing: {_sentence(answers.unsubscribe)}",
    )
    return "\n".join(parts)


def _sentence(text: str) -> str:
    trimmed = text.strip()
    return trimmed if trimmed.endswith((".", "!", "?")) else f"{trimmed}."
