"""The webhook secret in the customer's account, by boto3: found, read and replaced through the role."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.fields import unusable
from byoaws.aws.scrub import scrub
from byoaws.aws.unlogged import unlogged
from byoaws.errors import AwsError, NotFound
from byoaws.quickcreate.secret_port import StoredSecret, WebhookSecrets

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient


class BotoWebhookSecrets(WebhookSecrets):
    """Not for two threads at once."""

    def __init__(self, customer: BotoCustomerAws) -> None:
        self._session = customer._session
        self._region = customer._region

    @classmethod
    def under_role(cls, opened: BotoCustomerAws) -> Self:
        """Return the secrets that a role which was opened can reach."""
        return cls(opened)

    @cached_property
    def _cloudformation(self) -> "CloudFormationClient":
        return self._session.boto.client("cloudformation", region_name=self._region)

    @cached_property
    def _secrets(self) -> Any:
        name: Any = "secretsmanager"
        return self._session.boto.client(name, region_name=self._region)

    def find(self, stack_name: str, logical_id: str) -> str:
        """As the port says."""
        operation = "cloudformation:DescribeStackResources"
        answer = self._session.ask(
            operation, lambda: self._cloudformation.describe_stack_resources(StackName=stack_name)
        )
        for resource in answer.get("StackResources") or []:
            if resource.get("LogicalResourceId") == logical_id and resource.get("PhysicalResourceId"):
                return str(resource["PhysicalResourceId"])
        raise NotFound(f"{operation}: stack '{stack_name}' has no '{logical_id}'", operation=operation)

    def read(self, secret_id: str) -> StoredSecret:
        """As the port says."""
        operation = "secretsmanager:GetSecretValue"
        with unlogged():
            answer = self._session.ask(operation, lambda: self._secrets.get_secret_value(SecretId=secret_id))
        arn, text = answer.get("ARN"), answer.get("SecretString")
        if not isinstance(arn, str) or not isinstance(text, str):
            raise unusable(operation, "no ARN, or no text")
        return StoredSecret(arn=arn, text=text)

    def write(self, secret_id: str, text: str) -> None:
        """As the port says."""
        operation = "secretsmanager:PutSecretValue"
        try:
            with unlogged():
                self._session.ask(
                    operation, lambda: self._secrets.put_secret_value(SecretId=secret_id, SecretString=text)
                )
            return
        except AwsError as error:
            keys = text.split()
            kind, code, hint = type(error), error.code, error.hint
            message, said = scrub(error.message, keys), scrub(error.aws_message, keys)
        # Outside the handler: raised inside, it would carry the original, and AWS may quote what it was sent.
        raise kind(message, operation=operation, code=code, aws_message=said, hint=hint)
