"""What a bucket's policy lets anyone do: read what is under one prefix, and nothing else?

Nothing here looks at a policy's text for its faults: calls are derived from the policy (actions and keys that it could
mean), each is put to `evaluate` for callers whom nobody named, and the faults are what came of it. A call that *could*
be allowed, because a condition depends on what is not known, counts as allowed; a reader who *could* be refused counts
as refused.
"""

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from byoaws.iam.callers import callers
from byoaws.iam.context import Values
from byoaws.iam.documents import Policy, parse
from byoaws.iam.elements import Statement
from byoaws.iam.evaluate import Decision, Outcome, Request, concerns, evaluate
from byoaws.iam.principals import ANONYMOUS, Kind, Principal

READS = ("s3:GetObject", "s3:GetObjectVersion")
"""What anyone may do to a published object: read it, and read the version that a URL names."""

# Source: Service Authorization Reference, Amazon S3. Those that matter most come first, as the first is named.
_OBJECT_ACTIONS = (
    "s3:PutObject s3:DeleteObject s3:DeleteObjectVersion s3:GetObject s3:GetObjectVersion s3:PutObjectAcl "
    "s3:PutObjectTagging s3:PutObjectRetention s3:GetObjectAcl s3:GetObjectTagging s3:GetObjectAttributes "
    "s3:RestoreObject s3:AbortMultipartUpload s3:ListMultipartUploadParts s3:ReplicateDelete "
    "s3:BypassGovernanceRetention"
)
_BUCKET_ACTIONS = (
    "s3:ListBucket s3:ListBucketVersions s3:ListBucketMultipartUploads s3:PutBucketPolicy s3:DeleteBucketPolicy "
    "s3:DeleteBucket s3:PutBucketAcl s3:PutBucketVersioning s3:PutBucketPublicAccessBlock s3:PutLifecycleConfiguration "
    "s3:PutBucketOwnershipControls s3:PutReplicationConfiguration s3:PutBucketWebsite s3:GetBucketPolicy "
    "s3:GetBucketLocation s3:GetBucketAcl"
)
_ON_OBJECTS, _ON_BUCKETS = tuple(_OBJECT_ACTIONS.split()), tuple(_BUCKET_ACTIONS.split())
_NO_NAME = "zq7-no-meaning"
# An account that no policy names: AWS gives out no number that begins with 000.
_ACCOUNT = "000700070007"
# Callers whom a bucket's policy lets in only if it lets anybody in: nobody in particular, and any account's role.
_ANYONE = (
    ANONYMOUS,
    Principal(
        kind=Kind.ROLE,
        name=f"arn:aws:sts::{_ACCOUNT}:assumed-role/{_NO_NAME}/{_NO_NAME}",
        account=_ACCOUNT,
        role_arn=f"arn:aws:iam::{_ACCOUNT}:role/{_NO_NAME}",
        unique_id="AROAZQ7STRANGER00000",
        canonical_user="0" * 64,
    ),
)


Stranger: TypeAlias = tuple[Principal, Mapping[str, Values]]
"""A caller, and the condition keys that are known of it."""
NO_KEYS: Mapping[str, Values] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The part of a bucket that anyone shall read."""

    bucket: str
    prefix: str
    """For example `templates/`; empty for all of the bucket."""
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """Of the bucket."""
        return f"arn:{self.partition}:s3:::{self.bucket}"


def read_only_policy(place: Place) -> dict[str, object]:
    """Return a policy that lets anyone read what is under the prefix, over TLS, and nothing else."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AnyoneReadsTemplates",
                "Effect": "Allow",
                "Principal": "*",
                "Action": list(READS),
                "Resource": f"{place.arn}/{place.prefix}*",
            },
            {
                "Sid": "NobodyWithoutTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [place.arn, f"{place.arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


@functools.lru_cache(maxsize=16)
def exposures(document: str | None, place: Place) -> tuple[str, ...]:
    """Say what the policy lets anyone do beyond reading what is under the prefix; one sentence a statement.

    Args:
        document: The bucket's policy as JSON; None where it has none.
        place: The bucket, and what of it is public on purpose.

    Raises:
        PolicyError: not a policy that S3 would save.
    """
    if document is None:
        return ()
    policy = parse(document)
    found: dict[str, list[str]] = {}
    for request, decision in _allowed(policy, place, strangers(policy), READS):
        resource = (request.resource or "").removeprefix(f"{place.arn}/").removeprefix(place.arn)
        where = f" on '{resource}'" if resource else ""
        found.setdefault(decision.reason, []).append(f"{request.action}{where}")
    return tuple(f"{_may(calls)}: {reason}" for reason, calls in found.items())


def unreadable(document: str | None, place: Place, key: str) -> tuple[str, ...]:
    """Say which reads of `key`, under the prefix, the policy does not surely allow to anyone over TLS.

    Raises:
        PolicyError: not a policy that S3 would save.
    """
    if document is None:
        return tuple(f"nobody may {action} on '{place.prefix}*': the bucket has no policy" for action in READS)
    policy = parse(document)
    anyone = strangers(policy)
    found = []
    for action in READS:
        for name in (key, f"{place.prefix}{_NO_NAME}"):
            arn = f"{place.arn}/{name}"
            decisions = [evaluate(policy, _request(caller, action, arn, tls=True)) for caller in anyone]
            refused = next((item for item in decisions if item.outcome is not Outcome.ALLOW), None)
            if refused:
                found.append(f"not everyone may {action} on '{place.prefix}*': {refused.reason}")
                break
    return tuple(found)


def reach(policy: Policy, place: Place, caller: Stranger) -> str | None:
    """Say one thing that the policy lets, or could let, a caller do with a bucket that is private; None if nothing."""
    found = next(_allowed(policy, place, (caller,), ()), None)
    if found is None:
        return None
    request, decision = found
    return f"{request.action} on '{(request.resource or '').rpartition(':::')[2]}': {decision.reason}"


def _allowed(
    policy: Policy, place: Place, anyone: tuple[Stranger, ...], public: tuple[str, ...]
) -> Iterator[tuple[Request, Decision]]:
    """Every call that callers can make, or could, and should not: all but what is public below the prefix."""
    ours, unlisted = f"{place.arn}/{place.prefix}", list(dict.fromkeys(_unlisted(policy)))
    calls = [(action, arn) for arn in _objects(policy, place) for action in (*_ON_OBJECTS, *unlisted)]
    calls += [(action, place.arn) for action in (*_ON_BUCKETS, *unlisted)]
    for action, arn in calls:
        if (arn.startswith(ours) and action in public) or not _could_allow(policy, action, arn):
            continue
        found = next(_openings(policy, anyone, action, arn), None)
        if found:
            yield found


def strangers(policy: Policy) -> tuple[Stranger, ...]:
    """Callers whom nobody named: also by names that the policy's own conditions ask for, which anybody can choose."""
    derived = callers(policy, trusted=(), own_account=None).strangers
    fixed = tuple((principal, NO_KEYS) for principal in _ANYONE)
    return fixed + tuple(
        (caller.principal, caller.context) for caller in derived if caller.principal.kind is not Kind.FEDERATED
    )


def _openings(policy: Policy, anyone: Iterable[Stranger], action: str, arn: str) -> Iterator[tuple[Request, Decision]]:
    for caller in anyone:
        for tls in (True, False):
            request = _request(caller, action, arn, tls=tls)
            decision = evaluate(policy, request)
            if decision.outcome in (Outcome.ALLOW, Outcome.UNKNOWN):
                yield request, decision


def _request(caller: Stranger, action: str, arn: str, *, tls: bool) -> Request:
    # All other keys stay not known: somebody may have the address, the referrer or the organization that is asked for.
    principal, keys = caller
    return Request(
        principal=principal, action=action, resource=arn, context={**keys, "aws:SecureTransport": str(tls).lower()}
    )


def _could_allow(policy: Policy, action: str, arn: str) -> bool:
    """False for most calls: no statement allows them to anybody, so that no caller needs to be tried."""
    return any(concerns(statement, action, arn, variables=policy.has_variables) for statement in _allows(policy))


def _allows(policy: Policy) -> list[Statement]:
    return [statement for statement in policy.statements if statement.effect == "Allow"]


def _unlisted(policy: Policy) -> Iterator[str]:
    """Actions that the policy itself names and no list here holds: S3 has more than anyone remembers."""
    listed = {action.lower() for action in (*_ON_OBJECTS, *_ON_BUCKETS)}
    for statement in _allows(policy):
        for action in statement.actions or ():
            example = action.replace("*", "Zq7").replace("?", "z")
            if action.lower() not in listed and example.lower().startswith("s3:"):
                yield example


def _objects(policy: Policy, place: Place) -> list[str]:
    """Keys inside the prefix and outside, and for each pattern of the policy some that it matches."""
    beside = place.prefix.rstrip("/")
    keys = [f"{place.prefix}{_NO_NAME}"]
    if place.prefix:
        keys += [_NO_NAME, f"private/{_NO_NAME}", "0", beside, f"{beside}-{_NO_NAME}", f"{_NO_NAME}/{place.prefix}x"]
    for statement in _allows(policy):
        for entry in (*(statement.resources or ()), *(statement.not_resources or ())):
            named = entry.split(":", 5)[-1]
            # The bucket itself may be written with a wildcard, and a wildcard reaches over slashes.
            for pattern in (named, named.partition("/")[2]):
                keys += [pattern.replace("*", some).replace("?", "z") for some in ("", _NO_NAME)]
    return [f"{place.arn}/{key}" for key in dict.fromkeys(keys) if key]


def _may(calls: list[str]) -> str:
    more = f" and {len(calls) - 1} more such calls" if len(calls) > 2 else f" and {calls[1]}" if len(calls) > 1 else ""
    return f"anyone may {calls[0]}{more}"
