"""The dead-letter queues: how long they keep what could not be posted, and who may put it there."""

from collections.abc import Iterator
from functools import partial

from byoaws.flows.drift.world import World
from byoaws.lifecycle.answer import inside
from byoaws.lifecycle.comparison import differences, policy_differences
from byoaws.lifecycle.drift import Row
from byoaws.lifecycle.expressions import is_plain

_READ = "sqs:GetQueueAttributes"
_ATTRIBUTES = ("MessageRetentionPeriod", "SqsManagedSseEnabled")


def rows(world: World) -> Iterator[Row]:
    """Yield what each queue has become."""
    for queue in world.of_type("AWS::SQS::Queue"):
        yield world.row("dead-letters", queue, _READ, partial(_queue, world, queue))


def _queue(world: World, queue: str, url: str) -> Iterator[str]:
    answer = world.reader.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
    found, wanted = inside(answer, dict, "Attributes") or {}, world.wanted(queue)
    yield from differences({name: wanted[name] for name in _ATTRIBUTES if name in wanted}, found)
    if found.get("KmsMasterKeyId"):
        yield f"it is encrypted with {found['KmsMasterKeyId']}: what puts messages there may be unable to"
    policies = [
        world.wanted(name).get("PolicyDocument")
        for name in world.of_type("AWS::SQS::QueuePolicy")
        if is_plain(queues := world.wanted(name).get("Queues")) and isinstance(queues, list) and url in queues
    ]
    # A queue without a policy is its own account's alone.
    yield from policy_differences(policies[0] if policies else {"Statement": []}, found.get("Policy") or "{}")
