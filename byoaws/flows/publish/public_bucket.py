"""Is a bucket fit to publish in: does it show anyone the templates, and nobody anything else?"""

import json
from dataclasses import dataclass

from byoaws.aws.interface import BucketState, Publisher
from byoaws.errors import PolicyError, UsageError
from byoaws.iam.bucket import Place, exposures, read_only_policy, unreadable
from byoaws.quickcreate.published import PREFIX
from byoaws.regions import partition_of

_ACLS = "access control lists have effect there, so that single objects may be opened to anyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with a bucket, one sentence each."""

    open: tuple[str, ...]
    """It shows or allows more than it should."""
    unfit: tuple[str, ...] = ()
    """Customers could not read a template in it, or could be given another one."""


def judge(state: BucketState, place: Place, key: str) -> Faults:
    """Judge a bucket; `key` lies under the prefix that shall be public."""
    acls = () if state.acls_off else (f"{_ACLS}: set object ownership to BucketOwnerEnforced",)
    try:
        opened = exposures(state.policy, place)
        refused = unreadable(state.policy, place, key)
    except PolicyError as error:
        return Faults(open=(f"its policy cannot be judged: {error}", *acls))
    unfit = list(refused)
    if state.blocks_policy:
        unfit.append("its public access block (RestrictPublicBuckets) takes the effect from a public policy")
    if not state.versioned:
        unfit.append("versioning is off, so a template that was written over would be lost")
    return Faults(open=(*opened, *acls), unfit=tuple(unfit))


def prepare(publisher: Publisher, bucket: str, *, region: str, key: str, create: bool) -> bool:
    """See to it that the bucket is there and fit; return True if it was made.

    A bucket that exists is never changed: what else it holds is not ours to open.

    Raises:
        UsageError: there is none and `create` is False, it lies in another region, or it is not fit: all that is wrong.
        AwsError: AWS refused, or did not answer.
    """
    place = Place(bucket=bucket, prefix=PREFIX, partition=partition_of(region).name)
    state = publisher.look(bucket)
    if state is None:
        if not create:
            raise UsageError(f"there is no bucket '{bucket}'", hint="--create makes it, fit for templates")
        publisher.create(bucket, json.dumps(read_only_policy(place)))
        return True
    if state.region != region:
        raise UsageError(
            f"bucket '{bucket}' lies in region '{state.region}', not in '{region}'",
            hint=f"give --region {state.region}",
        )
    faults = judge(state, place, key)
    problems = [*faults.open, *faults.unfit]
    if problems:
        listed = problems[0] if len(problems) == 1 else "\n  " + "\n  ".join(problems)
        raise UsageError(
            f"bucket '{bucket}' is not fit for public templates, and nothing was written: {listed}",
            hint="use a bucket for templates alone: another name with --create; an existing one is never changed",
        )
    return False
