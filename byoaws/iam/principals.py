"""Callers, and which of them a Principal element names.

Source: IAM user guide, "AWS JSON policy elements: Principal" and "... NotPrincipal"; the keys that a caller brings:
"AWS global condition context keys" and "IAM policy elements: Variables and tags" (principal key values).
"""

import enum
import re
from dataclasses import dataclass

from byoaws.iam.elements import Principals
from byoaws.iam.patterns import alike
from byoaws.iam.truth import NO, YES, Truth, all_of, any_of, not_documented, not_known, truth

_UNIQUE_ID = re.compile(r"A(?:IDA|ROA|GPA|IPA|NPA)[A-Z0-9]{12,124}", re.ASCII)


class Kind(enum.Enum):
    """What a caller is; the values are those of `aws:PrincipalType`, where AWS has one."""

    ROOT = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    """A session of a role."""
    FEDERATED_USER = "FederatedUser"
    ANONYMOUS = "Anonymous"
    SERVICE = "service"
    FEDERATED = "federated"
    """Somebody whom an identity provider signed in, before any role is assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One caller."""

    kind: Kind
    name: str
    """The caller's ARN; for services and identity providers what the policy calls them; empty if anonymous."""
    account: str = ""
    role_arn: str | None = None
    """For a session: the role's ARN with its path; None if the path is not known."""
    unique_id: str | None = None
    """`AIDA...` or `AROA...`; None if not known."""
    canonical_user: str | None = None
    """S3's id of the caller's account; None if not known."""

    @property
    def arn(self) -> str | None:
        """`aws:PrincipalArn`: for a session the role's ARN. None if there is none, or it is not known."""
        if self.kind is Kind.ROLE:
            return self.role_arn
        return self.name if self.kind in (Kind.ROOT, Kind.USER, Kind.FEDERATED_USER) else None

    @property
    def identities(self) -> tuple[str, ...]:
        """What a Principal element may call this caller, the narrowest last: account, role, session."""
        role = () if self.role_arn is None else (self.role_arn,)
        return (self.account, *role, self.name)


ANONYMOUS = Principal(kind=Kind.ANONYMOUS, name="")


def aws_principal(text: str, *, session: str = "session", unique_id: str | None = None) -> Principal:
    """Return the caller that an account id, or the ARN of a root, user, role or session, stands for.

    A role stands for a session of it named `session`. What is neither an ARN nor an account id is taken as the id of
    an account whose digits are not known.
    """
    parts = text.split(":", 5)
    if len(parts) < 6:
        return Principal(kind=Kind.ROOT, name=f"arn:aws:iam::{text}:root", account=text, unique_id=text)
    partition, account, resource = parts[1], parts[4], parts[5]
    kind, _, rest = resource.partition("/")
    if kind == "role":
        name = f"arn:{partition}:sts::{account}:assumed-role/{rest.rpartition('/')[2]}/{session}"
        return Principal(kind=Kind.ROLE, name=name, account=account, role_arn=text, unique_id=unique_id)
    if kind == "assumed-role":
        return Principal(kind=Kind.ROLE, name=text, account=account, unique_id=unique_id)
    if kind == "federated-user":
        return Principal(kind=Kind.FEDERATED_USER, name=text, account=account, unique_id=unique_id)
    if kind == "user":
        return Principal(kind=Kind.USER, name=text, account=account, unique_id=unique_id)
    return Principal(kind=Kind.ROOT, name=text, account=account, unique_id=account)


def service_principal(name: str) -> Principal:
    """Return an AWS service as caller."""
    return Principal(kind=Kind.SERVICE, name=name)


def federated_principal(provider: str) -> Principal:
    """Return somebody whom `provider` (an ARN or a host name) signed in."""
    return Principal(kind=Kind.FEDERATED, name=provider)


def names(element: Principals, caller: Principal) -> Truth:
    """Say whether a Principal element names the caller."""
    if element.anyone or "*" in element.aws:
        return YES
    if caller.kind is Kind.SERVICE:
        return any_of(_names_exactly(entry, caller.name) for entry in element.service)
    if caller.kind is Kind.FEDERATED:
        return any_of(_names_exactly(entry, caller.name) for entry in element.federated)
    if caller.kind is Kind.ANONYMOUS:
        return NO
    accounts = (_names_canonical(entry, caller) for entry in element.canonical_user)
    return any_of((*(_names_aws(entry, caller) for entry in element.aws), *accounts))


def excludes(element: Principals, caller: Principal) -> Truth:
    """Say whether a NotPrincipal element leaves the caller out of its statement.

    AWS asks that account, role and session all be listed, "otherwise, the policy might deny access": so listing only
    some of them is in doubt. Source: "AWS JSON policy elements: NotPrincipal".
    """
    if caller.kind not in (Kind.USER, Kind.ROLE, Kind.FEDERATED_USER) or element.anyone or "*" in element.aws:
        return names(element, caller)
    chain = [any_of(_is_identity(entry, identity) for entry in element.aws) for identity in caller.identities]
    if any_of(chain).value is False:
        return any_of(_names_aws(entry, caller) for entry in element.aws)
    if all_of(chain).value is True:
        return YES
    return not_documented("NotPrincipal lists only some of the caller's account, role and session")


def _is_identity(entry: str, identity: str) -> Truth:
    return truth(identity in (entry, account_of(entry)))


def _names_aws(entry: str, caller: Principal) -> Truth:
    if is_unique_id(entry):
        return truth(entry == caller.unique_id)  # never an ARN: the id of a deleted role stays behind like this
    account = account_of(entry)
    if account == caller.account or entry in caller.identities:
        return YES
    if "*" in entry or "?" in entry:
        might = any(alike(entry, identity) for identity in caller.identities)
        return not_documented(f"'*' as a part of principal '{entry}' is refused by AWS") if might else NO
    return truth(caller.kind is Kind.ROLE and caller.role_arn is None and _same_role(entry, caller))


def is_unique_id(entry: str) -> bool:
    """True for `AIDA...` and `AROA...`, which IAM shows where the user or role behind an ARN was deleted."""
    return _UNIQUE_ID.fullmatch(entry) is not None


def account_of(entry: str) -> str | None:
    """Return the account that an entry delegates to: an account id, or the ARN of a root. None if it is narrower."""
    parts = entry.split(":", 5)
    if len(parts) < 6:
        return entry
    return parts[4] if parts[2] == "iam" and parts[5] == "root" else None


def _same_role(entry: str, caller: Principal) -> bool:
    """Compare without the path, which a session's ARN lacks; names of roles are unique within an account."""
    parts, own = entry.split(":", 5), caller.name.split(":", 5)
    if len(parts) < 6 or parts[2] != "iam" or parts[4] != caller.account or not parts[5].startswith("role/"):
        return False
    return parts[5].rpartition("/")[2] == own[5].split("/")[1]


def _names_canonical(entry: str, caller: Principal) -> Truth:
    if caller.canonical_user is None:
        return not_known("the canonical user id of the caller's account is not known")
    return truth(entry == caller.canonical_user)


def _names_exactly(entry: str, name: str) -> Truth:
    if entry == name:
        return YES
    if alike(entry, name):
        return not_documented(f"'*' in principal '{entry}' is refused by AWS")
    return NO


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKeys:
    """The condition keys that follow from who calls, in lower case."""

    values: dict[str, str]
    absent: frozenset[str]
    unsure: frozenset[str]
    """There with a value that is not known, or not there."""


def caller_keys(caller: Principal) -> CallerKeys:
    """Return what the caller brings into a request's context."""
    keys: dict[str, str | None] = {"aws:principalisawsservice": str(caller.kind is Kind.SERVICE).lower()}
    keys |= {"aws:principalarn": caller.arn, "aws:userid": caller.unique_id, "aws:principalaccount": None}
    absent = set() if caller.kind is Kind.USER else {"aws:username"}
    if caller.kind is Kind.ANONYMOUS:
        absent |= {"aws:principalarn", "aws:principalaccount"}
    if caller.account:
        keys |= {"aws:principalaccount": caller.account, "aws:principaltype": caller.kind.value}
    if caller.kind is Kind.USER:
        keys["aws:username"] = caller.name.rpartition("/")[2]
    if caller.kind is Kind.ROLE and caller.unique_id is not None:
        keys["aws:userid"] = f"{caller.unique_id}:{caller.name.rpartition('/')[2]}"
    return CallerKeys(
        values={key: value for key, value in keys.items() if value is not None},
        absent=frozenset(absent),
        unsure=frozenset(key for key, value in keys.items() if value is None) - absent,
    )
