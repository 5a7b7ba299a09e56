"""A rule set in a file: the rules for people to edit, and what is needed to notice that somebody else edited them.

The first lines say whose rule set it is and carry a fingerprint of what was fetched; the last lines hold what was
fetched, packed, so that a change made elsewhere can be shown. Comments of YAML, all of them: the rules are the API's.
"""

import base64
import binascii
import hashlib
import json
import re
import textwrap
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from byoaws.errors import UsageError
from byoaws.mail_manager.check import Mistake, check
from byoaws.mail_manager.port import RuleSet
from byoaws.mail_manager.rule_typed import canonical, ordered, plain, typed
from byoaws.mail_manager.rule_yaml import Tree, read, written
from byoaws.mail_manager.rules import RULE_SET, RULES

_INTRODUCTION = (
    "# A rule set of SES Mail Manager. Edit the rules; `byoaws mail-manager rules diff` and `update` take this file."
)
_HEADER = re.compile(
    r"^# byoaws rule-set=(?P<id>\S{1,100}) account=(?P<account>[0-9]{12}) region=(?P<region>[a-z0-9-]{1,32}) "
    r"fingerprint=sha256:(?P<fingerprint>[0-9a-f]{64})$",
    re.MULTILINE,
)
_PACKED_TITLE = "# What was fetched, packed; leave it, and a change that was made elsewhere can be shown:"
_PACKED = re.compile(r"^#  ([A-Za-z0-9+/=]+)$", re.MULTILINE)
_OURS = re.compile(
    rf"^(?:{re.escape(_INTRODUCTION)}|{_HEADER.pattern[1:-1]}|{re.escape(_PACKED_TITLE)}|{_PACKED.pattern[1:-1]})\n",
    re.MULTILINE,
)
_LARGEST = 5_000_000
"""Bytes that are unpacked at most."""
_SHOWN = 20
"""Mistakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose rule set a file is about."""

    rule_set_id: str
    account_id: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A rule set at some moment."""

    name: str
    rules: Sequence[Mapping[str, Any]]
    modified: str
    """LastModificationDate in UTC, to the millisecond."""

    @classmethod
    def of(cls, rule_set: RuleSet) -> "Fetched":
        """Return what AWS answered."""
        modified = rule_set.modified.astimezone(UTC).isoformat(timespec="milliseconds")
        return cls(name=rule_set.name, rules=plain(rule_set.rules), modified=modified)

    @property
    def text(self) -> str:
        """All of it, in one form."""
        return canonical({"LastModificationDate": self.modified, "RuleSetName": self.name, "Rules": self.rules})

    @property
    def fingerprint(self) -> str:
        """SHA-256 of it, in hexadecimal."""
        return hashlib.sha256(self.text.encode("ascii")).hexdigest()

    @property
    def body(self) -> str:
        """The rule set as YAML."""
        return written(self.name, ordered(self.rules, RULES))

    def says(self, name: str, rules: Sequence[Mapping[str, Any]]) -> bool:
        """True if these are its name and its rules, whenever it was changed."""
        return canonical([self.name, self.rules]) == canonical([name, rules])


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """What a file says."""

    owner: Owner
    fingerprint: str
    """Of what was fetched."""
    name: str
    rules: Sequence[Mapping[str, Any]]
    base: Fetched | None
    """What was fetched; None where the file no longer holds it."""

    @property
    def body(self) -> str:
        """The rule set as YAML, without the comments of whoever edited it."""
        return written(self.name, ordered(self.rules, RULES))

    @property
    def edited(self) -> bool:
        """True unless it says what was fetched."""
        return self.base is None or not self.base.says(self.name, self.rules)


def render(owner: Owner, fetched: Fetched) -> str:
    """Return the file of a rule set that was just fetched."""
    return _around(owner, fetched, fetched.body)


def renewed(text: str, owner: Owner, fetched: Fetched) -> str:
    """Return a file with its rules and its comments as they are, and what is now the last that was fetched."""
    return _around(owner, fetched, _OURS.sub("", text))


def parse(text: str, source: str) -> RuleFile:
    """Read a file.

    Raises:
        UsageError: it was not written by `render`, is no YAML, or its rules are not what AWS takes: every mistake with
            line and column.
    """
    headers = list(_HEADER.finditer(text))
    if len(headers) != 1:
        said = "no line" if not headers else "more than one line"
        raise UsageError(
            f"'{source}' has {said} that says whose rule set it is",
            hint="fetch it anew (byoaws mail-manager rules fetch), and edit the rules alone",
        )
    found = headers[0]
    owner = Owner(rule_set_id=found["id"], account_id=found["account"], region=found["region"])
    tree = read(text, source)
    value = _checked(tree, source)
    return RuleFile(
        owner=owner,
        fingerprint=found["fingerprint"],
        name=value.get("RuleSetName") or "",
        rules=value["Rules"],
        base=_unpacked(text, found["fingerprint"]),
    )


def _checked(tree: Tree, source: str) -> dict[str, Any]:
    mistakes = check(tree.value, RULE_SET)
    if isinstance(tree.value, dict) and "RuleSetName" not in tree.value:
        mistakes.append(Mistake(path=(), message="a rule set has no 'RuleSetName'", fix="add 'RuleSetName'"))
    if mistakes:
        lines = [f"'{source}' has {len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''}:"]
        for mistake in mistakes[:_SHOWN]:
            place = tree.place(mistake.path)
            lines.append(f"  {source}:{place.line}:{place.column}: {mistake.message}; {mistake.fix}")
        if len(mistakes) > _SHOWN:
            lines.append(f"  and {len(mistakes) - _SHOWN} more")
        raise UsageError("\n".join(lines), hint="nothing was changed; docs/mail-manager.md says what a rule may hold")
    made: dict[str, Any] = typed(tree.value, RULE_SET)
    return made


def _around(owner: Owner, fetched: Fetched, body: str) -> str:
    header = (
        f"# byoaws rule-set={owner.rule_set_id} account={owner.account_id} region={owner.region} "
        f"fingerprint=sha256:{fetched.fingerprint}"
    )
    packed = base64.b64encode(zlib.compress(fetched.text.encode("ascii"), 9)).decode("ascii")
    lines = [f"#  {line}" for line in textwrap.wrap(packed, 110)]
    return "\n".join([_INTRODUCTION, header, body.strip("\n"), _PACKED_TITLE, *lines, ""])


def _unpacked(text: str, fingerprint: str) -> Fetched | None:
    """What was fetched, if the file still holds it whole: held against the fingerprint, since anybody may write it."""
    try:
        packed = base64.b64decode("".join(_PACKED.findall(text)), validate=True)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, _LARGEST)
    except (binascii.Error, zlib.error, ValueError):
        return None
    if not data or unpacker.unconsumed_tail or hashlib.sha256(data).hexdigest() != fingerprint:
        return None
    return _as_fetched(data)


def _as_fetched(data: bytes) -> Fetched | None:
    try:
        value = json.loads(data)
        if check({"Rules": value["Rules"]}, RULE_SET):
            return None
        return Fetched(
            name=str(value["RuleSetName"]), rules=value["Rules"], modified=str(value["LastModificationDate"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):  # whoever wrote the file wrote its fingerprint, too
        return None
