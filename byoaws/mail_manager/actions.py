"""What a rule may do with a message.

Source: botocore's service model `mailmanager`, against which the tests hold every line.
"""

from byoaws.mail_manager.shapes import Fields, Items, OneOf, Text
from byoaws.mail_manager.terms import ADDRESS, ARN_LIKE, MINUTES, NAME_OR_ARN, ROLE_ARN, action

_HEADER = Fields(
    name="AddHeaderAction",
    fields={
        "HeaderName": Text(pattern=r"[xX]\-[a-zA-Z0-9\-]+", shortest=1, longest=64),
        "HeaderValue": Text(shortest=1, longest=128),
    },
    required=frozenset({"HeaderName", "HeaderValue"}),
)
_UUID = Text(pattern="[a-z0-9-]+", shortest=36, longest=36)
_TOPIC_ARN = Text(
    pattern=r"arn:(aws|aws-cn|aws-us-gov|aws-eusc):sns:[a-z0-9-]+:\d{12}:[\w\-]{1,256}", shortest=20, longest=2048
)

ACTION = OneOf(
    name="RuleAction",
    choices={
        "Drop": Fields(name="DropAction", fields={}),
        "Relay": action("RelayAction", {"Relay": NAME_OR_ARN}, {"MailFrom": Text(values=("REPLACE", "PRESERVE"))}),
        "Archive": action("ArchiveAction", {"TargetArchive": NAME_OR_ARN}),
        "WriteToS3": action(
            "S3Action",
            {"RoleArn": ROLE_ARN, "S3Bucket": Text(pattern="[a-zA-Z0-9.-]+", shortest=1, longest=62)},
            {
                "S3Prefix": Text(pattern="[a-zA-Z0-9!_.*'()/-]+", shortest=1, longest=62),
                "S3SseKmsKeyId": Text(pattern="[a-zA-Z0-9-:/]+", shortest=20, longest=2048),
            },
        ),
        "Send": action("SendAction", {"RoleArn": ROLE_ARN}),
        "AddHeader": _HEADER,
        "ReplaceRecipient": Fields(
            name="ReplaceRecipientAction", fields={"ReplaceWith": Items(of=ADDRESS, fewest=1, most=100)}
        ),
        "DeliverToMailbox": action("DeliverToMailboxAction", {"MailboxArn": NAME_OR_ARN, "RoleArn": ROLE_ARN}),
        "DeliverToQBusiness": action(
            "DeliverToQBusinessAction", {"ApplicationId": _UUID, "IndexId": _UUID, "RoleArn": ROLE_ARN}
        ),
        "PublishToSns": action(
            "SnsAction",
            {"TopicArn": _TOPIC_ARN, "RoleArn": ROLE_ARN},
            {"Encoding": Text(values=("UTF-8", "BASE64")), "PayloadType": Text(values=("HEADERS", "CONTENT"))},
        ),
        "Bounce": action(
            "BounceAction",
            {
                "RoleArn": ROLE_ARN,
                "Sender": ADDRESS,
                "StatusCode": Text(pattern=r"[45]\.[0-9]{1,3}\.[0-9]{1,3}", shortest=5, longest=9),
                "SmtpReplyCode": Text(pattern="[45][0-9][0-9]", shortest=3, longest=3),
                "DiagnosticMessage": Text(pattern=r"[\x20-\x7e]+", shortest=1, longest=256),
            },
            {"Message": Text(pattern=r"[\r\n\x20-\x7e]+", shortest=1, longest=500)},
        ),
        "InvokeLambda": action(
            "InvokeLambdaAction",
            {
                "FunctionArn": Text(pattern=ARN_LIKE, shortest=20, longest=2048),
                "InvocationType": Text(values=("EVENT", "REQUEST_RESPONSE")),
                "RoleArn": ROLE_ARN,
            },
            {"RetryTimeMinutes": MINUTES},
        ),
    },
)
"""One action of a rule."""
