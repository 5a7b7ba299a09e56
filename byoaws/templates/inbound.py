"""Building block `inbound`: the customer's mail bucket, and the receipt rule (or Mail Manager) that fills it.

Only one receipt rule set is active in an account and region, and CloudFormation cannot activate one. A set-up
function does it: it activates our set only where none is active, and joins the customer's otherwise.
"""

from typing import Any

from troposphere import Equals, GetAtt, If, Not, NoValue, Or, Ref, awslambda, iam, logs, s3
from troposphere.cloudformation import CustomResource

from byoaws.regions import regions_without_account_regional_buckets
from byoaws.templates import mail_manager, names
from byoaws.templates.functions import inline
from byoaws.templates.stack import Stack, sub

RUNTIME = "python3.13"
LOG_DAYS = 30

_ACCOUNT_REGIONAL = "HasAccountRegionalBuckets"
_SETUP_SECONDS = 180
"""Less than CloudFormation waits: the function answers before its own time is up."""
_RULE_ACTIONS = [
    "ses:CreateReceiptRule",
    "ses:CreateReceiptRuleSet",
    "ses:DeleteReceiptRule",
    "ses:DeleteReceiptRuleSet",
    "ses:DescribeActiveReceiptRuleSet",
    "ses:DescribeReceiptRuleSet",
    "ses:ListReceiptRuleSets",
    "ses:SetActiveReceiptRuleSet",
    "ses:UpdateReceiptRule",
]


def bucket_arn(stack: Stack, key: str = "") -> Any:
    """The bucket's ARN, or that of objects in it, without a reference to the bucket: references would be a cycle."""
    path = f"/{key}" if key else ""
    name = _bucket_name(stack)
    arn = "arn:${AWS::Partition}:s3:::"
    return If(_ACCOUNT_REGIONAL, sub(f"{arn}{name}-an{path}"), sub(f"{arn}{name}{path}"))


def _bucket_name(stack: Stack) -> str:
    return f"{names.prefix(stack)}-${{Unique}}-${{AWS::AccountId}}-${{AWS::Region}}"


def add(stack: Stack) -> None:
    """Add bucket, bucket policy and what fills it; with block `forwarder`, the bucket tells it of each message."""
    without = [Equals(Ref("AWS::Region"), region) for region in regions_without_account_regional_buckets()]
    stack.template.add_condition(_ACCOUNT_REGIONAL, Not(Or(*without)))
    _add_bucket(stack)
    if stack.vendor.pipeline:
        # Mail Manager writes by a role of its own.
        _add_bucket_policy(stack)
        mail_manager.add_pipeline(stack, stack.vendor.pipeline)
    else:
        _add_bucket_policy(stack, _ses_may_store(stack))
        _add_setup_function(stack)
        stack.names["stack:setup-function"] = f"${{{names.SETUP}.Arn}}"
        _add_receipt_rule(stack)
    stack.names["stack:bucket"] = f"${{{names.INBOUND_BUCKET}}}"
    stack.output("BucketName", Ref(names.INBOUND_BUCKET), "Bucket that received mail is kept in")


def _add_bucket(stack: Stack) -> None:
    name = _bucket_name(stack)
    bucket = s3.Bucket(
        names.INBOUND_BUCKET,
        # The mail is the customer's: it outlives the stack. Names in this namespace cannot be taken by others.
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        BucketName=If(_ACCOUNT_REGIONAL, sub(f"{name}-an"), sub(name)),
        BucketNamespace=If(_ACCOUNT_REGIONAL, "account-regional", NoValue),
        # S3-managed keys: SES's own KmsKeyArn would be client-side encryption, which Python cannot read.
        BucketEncryption=s3.BucketEncryption(
            ServerSideEncryptionConfiguration=[
                s3.ServerSideEncryptionRule(
                    ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
                )
            ]
        ),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        OwnershipControls=s3.OwnershipControls(Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
    )
    if stack.has("forwarder"):
        bucket.DependsOn = names.FORWARDER_PERMISSION  # S3 tests the notification when it is set
        bucket.NotificationConfiguration = s3.NotificationConfiguration(
            LambdaConfigurations=[
                s3.LambdaConfigurations(
                    Event="s3:ObjectCreated:*",
                    Function=GetAtt(names.FORWARDER, "Arn"),
                    Filter=s3.Filter(S3Key=s3.S3Key(Rules=[s3.Rules(Name="prefix", Value=names.INBOUND_PREFIX)])),
                )
            ]
        )
    stack.add(bucket)


def _rule_name(stack: Stack) -> str:
    return f"{names.prefix(stack)}-${{Unique}}"


def _ses_may_store(stack: Stack) -> dict[str, Any]:
    rule = (
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
        f":receipt-rule-set/*:receipt-rule/{_rule_name(stack)}"
    )
    return {
        "Sid": "SesMayStoreMail",
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": sub(f"${{{names.INBOUND_BUCKET}.Arn}}/{names.INBOUND_PREFIX}*"),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": Ref("AWS::AccountId")},
            "ArnLike": {"aws:SourceArn": sub(rule)},
        },
    }


def _add_bucket_policy(stack: Stack, *allowed: dict[str, Any]) -> None:
    bucket = GetAtt(names.INBOUND_BUCKET, "Arn")
    objects = sub(f"${{{names.INBOUND_BUCKET}.Arn}}/*")
    stack.add(
        s3.BucketPolicy(
            names.INBOUND_BUCKET_POLICY,
            Bucket=Ref(names.INBOUND_BUCKET),
            PolicyDocument={
                "Version": "2012-10-17",
                "Statement": [
                    *allowed,
                    {
                        "Sid": "OnlyOverTls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [bucket, objects],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        )
    )


def _add_setup_function(stack: Stack) -> None:
    stack.add(logs.LogGroup(f"{names.SETUP}Logs", RetentionInDays=LOG_DAYS))
    may = [
        log_statement(f"{names.SETUP}Logs"),
        # SES offers no narrower resource for these. Source: Service Authorization Reference, SES.
        {"Effect": "Allow", "Action": _RULE_ACTIONS, "Resource": "*"},
        # A request that comes late must not make anything for a stack that is gone.
        {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": Ref("AWS::StackId")},
    ]
    document = {"Version": "2012-10-17", "Statement": may}
    stack.add(
        iam.Role(
            f"{names.SETUP}Role",
            Path=names.function_role_path(stack),
            AssumeRolePolicyDocument=names.lambda_trust(),
            Policies=[iam.Policy(PolicyName="receipt-rules", PolicyDocument=document)],
        )
    )
    stack.add(
        awslambda.Function(
            names.SETUP,
            Description="Adds this stack's receipt rule to SES, and takes it out again when the stack is deleted",
            Runtime=RUNTIME,
            Architectures=["arm64"],
            Handler="index.handler",
            Code=awslambda.Code(ZipFile=inline("receipt_rule")),
            Role=GetAtt(f"{names.SETUP}Role", "Arn"),
            Timeout=_SETUP_SECONDS,
            MemorySize=128,
            LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(f"{names.SETUP}Logs")),
            # Here, and not in the request alone, which anybody writes who may call the function.
            Environment=awslambda.Environment(
                Variables={
                    "NAME": sub(_rule_name(stack)),
                    "BUCKET": Ref(names.INBOUND_BUCKET),
                    "PREFIX": names.INBOUND_PREFIX,
                }
            ),
        )
    )


def log_statement(log_group: str) -> dict[str, Any]:
    """Permission to write to one log group of this stack."""
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": GetAtt(log_group, "Arn"),
    }


def _add_receipt_rule(stack: Stack) -> None:
    recipients = stack.parameter(
        "InboundRecipients",
        group="Inbound mail",
        label="Receive mail for",
        Type="CommaDelimitedList",
        Description=(
            "Domains or addresses, separated by commas. Empty: all verified domains where this stack's rule set is "
            "the only one, and none where another rule set is active already"
        ),
        Default="",
        AllowedPattern=r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-]*",
    )
    stack.add(
        CustomResource(
            names.RECEIPT_RULE,
            ServiceToken=GetAtt(names.SETUP, "Arn"),
            ServiceTimeout=_SETUP_SECONDS + 120,  # AWS's default is an hour
            # SES test-writes to the bucket when the rule is made.
            DependsOn=names.INBOUND_BUCKET_POLICY,
            # The function has these in its settings; here they make CloudFormation call it when one changes, and say
            # what is to be there.
            RuleName=sub(_rule_name(stack)),
            BucketName=Ref(names.INBOUND_BUCKET),
            ObjectKeyPrefix=names.INBOUND_PREFIX,
            Recipients=recipients,
        )
    )
    stack.output("InboundRuleSet", GetAtt(names.RECEIPT_RULE, "Summary"), "How received mail reaches the bucket")
