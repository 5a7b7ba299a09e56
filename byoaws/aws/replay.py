"""Received mail posted once more, by boto3: the stack's own function, its dead-letter queue and its bucket."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from botocore.config import Config

from byoaws.aws import inbound_questions
from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.fields import items, present, required, unusable
from byoaws.aws.interface import DeadLetter, ListedObject, Replay
from byoaws.model import Json

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

_AT_ONCE = 10
"""Messages that SQS hands out at most."""
_LONG_POLL = 2
"""Seconds: asked so, SQS looks on all of its servers before it says that there is nothing."""
_ACCEPTED = 202


class BotoReplay(BotoCustomerAws, Replay):
    """A session in the customer's account that may also have mail posted again."""

    @classmethod
    def under_role(cls, opened: BotoCustomerAws) -> Self:
        """Return the same for a role that was opened."""
        return cls(opened._session, sts_region=opened._sts_region, region=opened._region)

    @cached_property
    def _cloudformation(self) -> "CloudFormationClient":
        return self._session.boto.client("cloudformation", region_name=self._region)

    @cached_property
    def _sqs(self) -> "SQSClient":
        return self._session.boto.client("sqs", region_name=self._region)

    @cached_property
    def _lambda(self) -> "LambdaClient":
        return self._session.boto.client("lambda", region_name=self._region)

    @cached_property
    def _s3(self) -> "S3Client":
        config = Config(s3={"addressing_style": "path"})
        return self._session.boto.client("s3", region_name=self._region, config=config)

    def resources(self, stack_name: str) -> Mapping[str, str]:
        """Logical ids of the stack's resources, and what AWS calls them; those that are not there yet are left out.

        Raises:
            InvalidRequest: no stack of that name.
            AwsError: of another kind.
        """
        operation = "cloudformation:DescribeStackResources"
        answer = self._session.ask(
            operation, lambda: self._cloudformation.describe_stack_resources(StackName=stack_name)
        )
        listed = items(present(answer, "StackResources", operation), "StackResources", operation)
        found = {item.get("LogicalResourceId"): item.get("PhysicalResourceId") for item in listed}
        return {logical: physical for logical, physical in found.items() if logical and physical}

    def waiting(self, queue_url: str) -> int:
        """About how many messages are in the queue, hidden ones included.

        Raises:
            AwsError: AWS did not say.
        """
        question = inbound_questions.waiting(queue_url)
        answer = self._session.ask(question.action, lambda: self._sqs.get_queue_attributes(**question.request))
        return question.read(answer, question.action)

    def receive(self, queue_url: str, *, hidden: int) -> Sequence[DeadLetter]:
        """Up to ten messages, which are then hidden from others for so many seconds.

        Raises:
            AwsError: AWS did not say.
        """
        operation = "sqs:ReceiveMessage"
        answer = self._session.ask(
            operation,
            lambda: self._sqs.receive_message(
                QueueUrl=queue_url,
                MaxNumberOfMessages=_AT_ONCE,
                VisibilityTimeout=hidden,
                WaitTimeSeconds=_LONG_POLL,
            ),
        )
        return [
            DeadLetter(
                id=required(item, "MessageId", operation),
                body=required(item, "Body", operation),
                handle=required(item, "ReceiptHandle", operation),
            )
            for item in items(answer, "Messages", operation)
        ]

    def delete(self, queue_url: str, handle: str) -> None:
        """Take a message off the queue.

        Raises:
            AwsError: it may still be there.
        """
        self._session.ask(
            "sqs:DeleteMessage", lambda: self._sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=handle)
        )

    def run(self, function: str, event: Mapping[str, Json]) -> None:
        """Have Lambda run a function with `event`, later and up to three times.

        Raises:
            AwsError: it did not accept the event, or did not say so.
        """
        operation = "lambda:InvokeFunction"
        payload = json.dumps(event).encode()
        answer = self._session.ask(
            operation,
            lambda: self._lambda.invoke(FunctionName=function, InvocationType="Event", Payload=payload),
        )
        if answer.get("StatusCode") != _ACCEPTED:
            raise unusable(operation, "the event was not accepted")

    def objects(self, bucket: str, prefix: str, *, after: str) -> Sequence[ListedObject]:
        """Up to a thousand objects behind the key `after`, in the order of their keys.

        Raises:
            AwsError: AWS did not say.
        """
        operation = "s3:ListObjectsV2"
        answer = self._session.ask(
            operation, lambda: self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix, StartAfter=after)
        )
        # S3 always says how many it lists: from an answer without that, no mail would seem to be left.
        if answer.get("KeyCount") != len(answer.get("Contents", [])):
            raise unusable(operation, "it is not whole")
        return [_listed(item) for item in answer.get("Contents", [])]


def _listed(item: Any) -> ListedObject:
    modified: datetime = item["LastModified"]
    return ListedObject(key=item["Key"], size=item["Size"], modified=modified.astimezone(UTC))
