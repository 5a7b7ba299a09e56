"""Building block `forwarder`: the function that posts each received message to the vendor, signed."""

import string
from typing import Any

from troposphere import Equals, GetAtt, If, Not, NoValue, Ref, awslambda, cloudwatch, iam, logs, secretsmanager, sqs

from byoaws.errors import UsageError
from byoaws.quickcreate.webhook_secret import PATTERN
from byoaws.templates import names
from byoaws.templates.functions import inline
from byoaws.templates.inbound import LOG_DAYS, RUNTIME, bucket_arn, log_statement
from byoaws.templates.stack import Stack
from byoaws.vendor_model import SecretMode

_SECRET = "WebhookSigningSecret"  # noqa: S105  a logical name
_ALARM_TOPIC, _TELLS = "AlarmTopicArn", "AlarmTells"
_FOURTEEN_DAYS = 1_209_600
_FIVE_MINUTES = 300


def add(stack: Stack) -> None:
    """Add function, role, permission, log group, dead-letter queue with its alarm, and signing secret.

    Raises:
        UsageError: the stack has no bucket to forward from.
    """
    if not stack.has("inbound"):
        raise UsageError("block 'forwarder' needs block 'inbound'", hint="add it to stack.blocks in the vendor file")
    url = names.https_url_parameter(
        stack,
        stack.vendor.parameters.inbound_webhook_url,
        label="Webhook for received mail",
        description=f"Where received mail is posted; given by {stack.vendor.title}",
    )
    connection_id = names.connection_id_parameter(stack)
    _add_secret(stack)
    _add_dead_letters(stack)
    stack.add(logs.LogGroup(names.FORWARDER_LOGS, RetentionInDays=LOG_DAYS))
    _add_role(stack)
    _add_function(
        stack,
        {
            "WEBHOOK_URL": url,
            # The secret's ARN, never the secret: environment variables are readable in the console.
            "WEBHOOK_SECRET_ARN": GetAtt(_SECRET, "Id"),
            "INLINE_LIMIT": str(stack.vendor.inline_limit),
            "CONNECTION_ID": connection_id,
        },
    )
    _add_invocation(stack)
    stack.names["stack:forwarder"] = f"${{{names.FORWARDER}.Arn}}"
    stack.names["stack:forwarder-alarm"] = f"${{{names.FORWARDER_ALARM}.Arn}}"
    stack.names["stack:forwarder-dead-letters"] = f"${{{names.FORWARDER_DEAD_LETTERS}.Arn}}"


def _add_secret(stack: Stack) -> None:
    properties: dict[str, Any]
    if stack.vendor.webhook_secret is SecretMode.PARAMETER:
        # Not NoEcho: AWS would silently drop its value from a Quick-Create link.
        value = stack.parameter(
            stack.vendor.parameters.webhook_secret,
            group="Webhooks",
            label="Webhook secret",
            Description=(
                f"Key that signs what is posted to {stack.vendor.title}. It can be read by whoever may describe "
                "this stack"
            ),
            AllowedPattern=PATTERN.pattern,
            ConstraintDescription="must be whsec_ and base64, as given",
            MaxLength=128,
        )
        properties = {"SecretString": value}
    else:
        # 64 letters and digits are valid base64: 48 bytes of key, as Standard Webhooks wants it.
        properties = {
            "GenerateSecretString": secretsmanager.GenerateSecretString(
                # Said twice: the embedded AWS heeds only the list.
                ExcludePunctuation=True,
                ExcludeCharacters=string.punctuation,
                PasswordLength=64,
            )
        }
    stack.add(
        secretsmanager.Secret(
            _SECRET, Description=f"Signs what the forwarder posts to {stack.vendor.title}", **properties
        )
    )
    stack.names["stack:webhook-secret"] = f"${{{_SECRET}.Id}}"
    stack.output("WebhookSecretArn", GetAtt(_SECRET, "Id"), "Where the webhook secret is kept; not the secret itself")


def _add_dead_letters(stack: Stack) -> None:
    """What no try could post is kept here, and told by an alarm. Only the function's role may add to the queue."""
    topic = stack.parameter(
        _ALARM_TOPIC,
        group="Inbound mail",
        label="Whom the alarm tells",
        Description="ARN of an SNS topic in this region that is told when mail could not be posted. Empty: none",
        Default="",
        AllowedPattern="(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256})?",
        ConstraintDescription="must be the ARN of an SNS topic, or empty",
    )
    stack.template.add_condition(_TELLS, Not(Equals(topic, "")))
    stack.add(sqs.Queue(names.FORWARDER_DEAD_LETTERS, MessageRetentionPeriod=_FOURTEEN_DAYS, SqsManagedSseEnabled=True))
    stack.add(
        cloudwatch.Alarm(
            names.FORWARDER_ALARM,
            AlarmDescription="Received mail could not be posted, and waits in the dead-letter queue for 14 days",
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[
                cloudwatch.MetricDimension(Name="QueueName", Value=GetAtt(names.FORWARDER_DEAD_LETTERS, "QueueName"))
            ],
            Statistic="Maximum",
            Period=_FIVE_MINUTES,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            # SQS tells nothing of a queue that lay empty for six hours.
            TreatMissingData="notBreaching",
            # No topic of this stack: the vendor's webhook for events takes what SES says, and nothing else.
            AlarmActions=If(_TELLS, [topic], NoValue),
        )
    )


def _add_role(stack: Stack) -> None:
    mail = bucket_arn(stack, f"{names.INBOUND_PREFIX}*")
    statements = [
        log_statement(names.FORWARDER_LOGS),
        # Of a version, for a customer who switches versioning on.
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": mail},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": GetAtt(_SECRET, "Id")},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": GetAtt(names.FORWARDER_DEAD_LETTERS, "Arn")},
    ]
    stack.add(
        iam.Role(
            "ForwarderRole",
            Path=names.function_role_path(stack),
            AssumeRolePolicyDocument=names.lambda_trust(),
            Policies=[
                iam.Policy(PolicyName="forward", PolicyDocument={"Version": "2012-10-17", "Statement": statements})
            ],
        )
    )


def _add_function(stack: Stack, variables: dict[str, Any]) -> None:
    stack.add(
        awslambda.Function(
            names.FORWARDER,
            Description=f"Posts received mail to {stack.vendor.title}, signed",
            Runtime=RUNTIME,
            Architectures=["arm64"],
            Handler="index.handler",
            Code=awslambda.Code(ZipFile=inline("forwarder")),
            Role=GetAtt("ForwarderRole", "Arn"),
            # The function's own time-outs add up to less.
            Timeout=60,
            MemorySize=256,
            LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(names.FORWARDER_LOGS)),
            Environment=awslambda.Environment(Variables=variables),
        )
    )


def _add_invocation(stack: Stack) -> None:
    stack.add(
        awslambda.EventInvokeConfig(
            "ForwarderRetries",
            FunctionName=Ref(names.FORWARDER),
            Qualifier="$LATEST",
            MaximumRetryAttempts=2,
            MaximumEventAgeInSeconds=21_600,
            DestinationConfig=awslambda.DestinationConfig(
                OnFailure=awslambda.OnFailure(Destination=GetAtt(names.FORWARDER_DEAD_LETTERS, "Arn"))
            ),
        )
    )
    stack.add(
        awslambda.Permission(
            names.FORWARDER_PERMISSION,
            FunctionName=Ref(names.FORWARDER),
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceAccount=Ref("AWS::AccountId"),
            SourceArn=bucket_arn(stack),
        )
    )
