"""Buckets of earlier stacks. The stack adopts none, of its own or of others: docs/architecture.md says why."""

import re

from byoaws.flows.preflight.names import listed, output, prefix
from byoaws.flows.preflight.subject import Check, Found, Subject
from byoaws.lifecycle.answer import inside, objects
from byoaws.vendors.words import plain
from byoaws.verify.answers import Answers

_BUCKETS = Answers("P109", "buckets")


def _buckets(subject: Subject) -> Found:
    names = [
        inside(item, str, "Name") or "?" for item in objects(subject.reader.every("s3", "list_buckets", "Buckets"))
    ]
    form = rf"{re.escape(prefix(subject))}-[0-9a-f]{{8}}-{subject.account_id}-{re.escape(subject.region)}(-an)?"
    used = {output(stack, "BucketName") for stack in objects(subject.stacks)}
    left = [name for name in names if re.fullmatch(form, name) and name not in used]
    if left:
        return Found(
            result=_BUCKETS.warned(
                f"mail of earlier stacks of {subject.vendor.title} lies in {listed(left)}",
                "nothing to do: the stack makes a bucket of its own; keep what you need and delete the rest",
                evidence={"buckets": [plain(name) for name in sorted(left)]},
            )
        )
    return Found(
        result=_BUCKETS.passed(f"{len(names)} bucket{'' if len(names) == 1 else 's'}, none of an earlier stack")
    )


BUCKETS = Check(
    code="P109",
    name="buckets",
    title="Are there buckets of an earlier stack?",
    ask=_buckets,
    applies=lambda subject: subject.has("inbound"),
)
