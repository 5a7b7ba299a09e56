"""Probe `bucket`: is the mail that arrives kept, in the customer's own bucket, where nobody else reads it?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from byoaws.aws import bucket_questions as questions
from byoaws.aws.bucket_questions import BLOCKS, NONE_OF_IT, Lifecycle, Notice
from byoaws.aws.inbound_questions import active_rules
from byoaws.aws.question import Question
from byoaws.errors import AccessDenied, AwsError, NotFound, PolicyError
from byoaws.iam.documents import parse
from byoaws.iam.mail_bucket import MailBucket, is_the_stacks, others, ses_may_store, ses_stores_for_others
from byoaws.model import Json, ProbeResult
from byoaws.regions import partition_of
from byoaws.templates.names import FORWARDER, INBOUND_BUCKET, INBOUND_PREFIX
from byoaws.vendor_model import Inbound
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers
from byoaws.verify.evidence import evidence_of, failure_of
from byoaws.verify.interface import Facts, Probe
from byoaws.verify.looking import gone, not_allowed
from byoaws.verify.stack import Stack, stack_of

T = TypeVar("T")

_ANSWERS = Answers("V511", "bucket")
_ELSEWHERE = "F142"
"""The catalogue's: the bucket is in another region."""
_DRIFT = "byoaws connections drift ID says what was changed; the customer undoes it, or makes the stack anew"
_ANEW = "the customer makes the stack anew; mail that came meanwhile is lost"
# SES and Mail Manager store by PutObject.
_STORED = frozenset({"s3:ObjectCreated:*", "s3:ObjectCreated:Put"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """All that S3 said."""

    bucket: MailBucket
    policy: str
    """Empty where it has none."""
    blocks: frozenset[str]
    algorithms: tuple[str, ...]
    notices: tuple[Notice, ...]
    lifecycles: tuple[Lifecycle, ...]
    forwarder: str | None
    """ARN of the function that must hear of mail."""


async def ask(facts: Facts) -> ProbeResult:
    """Look at the bucket as its owner's account sees it: each call names the account that must own it."""
    try:
        stack = await stack_of(facts)
        name = stack.physical_id(INBOUND_BUCKET)
        if name is None:
            return _ANSWERS.failed("the stack has no bucket", _DRIFT)
        return _judge(await _look(facts, stack, name))
    except AccessDenied as error:
        return _refused(facts, error)
    except NotFound as error:
        return gone(_ANSWERS, error, "the bucket", _ANEW)
    except AwsError as error:
        known = failure_of(error)
        if known is None or known.code != _ELSEWHERE:
            raise
        return _ANSWERS.failed(
            f"the bucket is not in {facts.target.region}", known.fix, causes=known.causes, evidence=evidence_of(error)
        )


def _refused(facts: Facts, error: AccessDenied) -> ProbeResult:
    found = not_allowed(_ANSWERS, facts, error)
    if not error.operation.startswith("s3:"):
        return found
    # S3 answers alike where we may not ask, and where the bucket is not the account's that we named.
    other = f"the bucket was deleted, and another account than {facts.role.account_id} took its name"
    return replace(found, causes=(*found.causes, other))


async def _look(facts: Facts, stack: Stack, name: str) -> _Look:
    owner, region = facts.role.account_id, facts.target.region
    forwarder = stack.physical_id(FORWARDER)
    partition = partition_of(region).name
    return _Look(
        bucket=await _bucket(facts, name, partition),
        policy=await _setting(facts, questions.bucket_policy(name, owner), ""),
        blocks=await _setting(facts, questions.public_access_block(name, owner), frozenset()),
        algorithms=await _setting(facts, questions.encryption(name, owner), ()),
        notices=await facts.ask(questions.notices(name, owner)),
        lifecycles=await _setting(facts, questions.lifecycles(name, owner), ()),
        forwarder=f"arn:{partition}:lambda:{region}:{owner}:function:{forwarder}" if forwarder else None,
    )


async def _bucket(facts: Facts, name: str, partition: str) -> MailBucket:
    """The bucket with the receipt rule that fills it, by which SES must be let in."""
    rule_set = rule = None
    if facts.target.vendor.inbound is Inbound.RECEIPT_RULES:
        active = await facts.ask(active_rules())
        rule = next((one.name for one in active.rules if (name, INBOUND_PREFIX) in one.places), None)
        rule_set = active.name if rule else None
    return MailBucket(
        name=name,
        prefix=INBOUND_PREFIX,
        account=facts.role.account_id,
        region=facts.target.region,
        partition=partition,
        rule_set=rule_set,
        rule=rule,
    )


async def _setting(facts: Facts, question: Question[T], none: T) -> T:
    """What the bucket has set, or `none` where S3 says that it has no such setting."""
    try:
        return await facts.ask(question)
    except AwsError as error:
        if error.code in NONE_OF_IT:
            return none
        raise


def _judge(look: _Look) -> ProbeResult:
    try:
        by_policy = _of_policy(look.policy, look.bucket) if look.policy else None
    except PolicyError as error:
        return _ANSWERS.unknown(
            f"the bucket's policy could not be read: {plain(str(error), 200)}",
            "the customer sets it to the stack's own; if it is that, report this as a bug of byoaws",
        )
    ends = [one for one in look.lifecycles if _takes_mail(one)]
    policy = by_policy or _Policy(cut=() if look.bucket.rule is None else (_NOT_STORED,))
    cut = [*policy.cut, *_not_told(look)]
    harm = [*policy.harm, *_weak(look), *(f"rule '{plain(one.name)}' takes mail away by itself" for one in ends)]
    evidence: dict[str, Json] = {"bucket": look.bucket.name, "expires": bool(ends), "problems": [*cut, *harm]}
    if cut:
        return _ANSWERS.failed(cut[0], _DRIFT, causes=(*cut[1:], *harm), evidence=evidence)
    if policy.doubtful:
        return _ANSWERS.unknown(
            "whether SES may store mail depends on what the bucket's policy asks, and we do not know",
            _DRIFT,
            causes=tuple(harm),
            evidence=evidence,
        )
    if harm:
        return _ANSWERS.warned(harm[0], _DRIFT, causes=tuple(harm[1:]), evidence=evidence)
    return _ANSWERS.passed("mail is kept in the customer's bucket, and nobody else reads it", evidence=evidence)


_NOT_STORED = "SES may not store mail in the bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy:
    """What the bucket's policy comes to."""

    cut: tuple[str, ...] = ()
    harm: tuple[str, ...] = ()
    doubtful: bool = False


def _of_policy(document: str, bucket: MailBucket) -> _Policy:
    if is_the_stacks(document, bucket):  # of nearly all accounts, and to judge one takes longer than to ask for it
        return _Policy()
    policy = parse(document)
    strange = tuple(f"others reach the bucket: {plain(text, 300)}" for text in others(policy, bucket))
    if bucket.rule is None:  # nothing fills it by SES's own call, or probe `inbound` says that nothing does
        return _Policy(cut=strange)
    stores = ses_may_store(policy, bucket)
    foreign = ses_stores_for_others(policy, bucket)
    return _Policy(
        cut=(*((_NOT_STORED,) if stores is False else ()), *strange),
        harm=("SES may store mail of other accounts in the bucket",) if foreign else (),
        doubtful=stores is None,
    )


def _not_told(look: _Look) -> Iterator[str]:
    if look.forwarder and not any(_tells(one, look.forwarder) for one in look.notices):
        yield "the bucket does not tell the forwarder of new mail, so none is posted"


def _tells(notice: Notice, forwarder: str) -> bool:
    every = all(kind == "prefix" and INBOUND_PREFIX.startswith(value) for kind, value in notice.keys)
    return notice.function == forwarder and every and bool(notice.events & _STORED)


def _weak(look: _Look) -> Iterator[str]:
    if missing := [name for name in BLOCKS if name not in look.blocks]:
        yield f"public access is not blocked ({', '.join(missing)})"
    if other := [plain(name) for name in look.algorithms if name != "AES256"]:
        yield f"mail is encrypted by {', '.join(other)}: the forwarder reads it only if the key's policy lets it"


def _takes_mail(rule: Lifecycle) -> bool:
    beside = not rule.prefix.startswith(INBOUND_PREFIX) and not INBOUND_PREFIX.startswith(rule.prefix)
    return rule.enabled and bool(rule.ends) and not beside


PROBE = Probe(
    code=_ANSWERS.code,
    name=_ANSWERS.name,
    title="Is mail kept, in the customer's own bucket, where nobody else reads it?",
    needs=("assume-role", "stack"),
    ask=ask,
)
