"""`byoaws link`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

EXTERNAL_ID = "0123456789abcdef0123456789abcdef0123456789abcdef"
_OTHER = "https://acme.s3.us-east-1.amazonaws.com/templates/{}/0.9.0-0123456789ab/template.yaml?versionId=1"
_NO_AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS": "1", "NO_PROXY": "127.0.0.1"}

CASES: dict[str, dict[str, Any]] = {
    "template-not-s3": {
        "args": "link --template-url https://cdn.example/t.yaml",
        "words": ("'cdn.example' is not S3", "upload"),
    },
    "template-http": {"args": "link --template-url http://b.s3.amazonaws.com/k", "words": ("https://",)},
    "template-presigned": {
        "args": "link --template-url https://x.example/k?X-Amz-Signature=hunter2",
        "words": ("not S3",),
        "never": ("hunter2",),
    },
    "template-other-partition": {
        "args": "link --template-url https://templates.s3.eusc-de-east-1.amazonaws.eu/k",
        "words": ("another partition",),
    },
    "template-nowhere": {
        "args": "link",
        "env": {"MAILMARK_CFN_TEMPLATE_URL": ""},
        "words": ("published nowhere", "MAILMARK_CFN_TEMPLATE_URL"),
    },
    "template-empty": {"args": "link --template-url ''", "words": ("--template-url", "empty")},
    "account-not-set": {"args": "link", "env": {"MAILMARK_AWS_ACCOUNT_ID": ""}, "words": ("MAILMARK_AWS_ACCOUNT_ID",)},
    "stack-name": {"args": "link --stack-name 1st", "words": ("'1st' is not a stack name", "letter")},
    "stack-name-empty": {"args": "link --stack-name ''", "words": ("--stack-name", "empty")},
    "param-unknown": {"args": "link --param Nonsense=1", "words": ("'Nonsense' is not in the template",)},
    "param-miscased": {
        "args": "link --param inboundwebhookurl=https://x.example/",
        "words": ("'InboundWebhookUrl'", "letter case"),
    },
    "param-without-equals": {
        "args": "link --param hunter2",
        "words": ("is not K=V", "byoaws link --help"),
        "never": ("hunter2",),
    },
    "param-without-name": {"args": "link --param =x", "words": ("is not K=V",)},
    "param-twice": {"args": "link --param A=1 --param A=2", "words": ("'A' is given twice",)},
    "param-secret": {
        "args": "link --param WebhookSecret=hunter2hunter2",
        "words": ("cannot be set by --param",),
        "never": ("hunter2",),
    },
    "param-external-id": {"args": f"link --param ExternalId={EXTERNAL_ID}", "words": ("use --external-id",)},
    "param-bad-value": {
        "args": "link --param InboundWebhookUrl=hunter2",
        "words": ("'InboundWebhookUrl' does not match",),
        "never": ("hunter2",),
    },
    "link-older-unread": {
        "args": f"link --template-url {_OTHER.format('mailmark')}",
        "env": _NO_AWS,
        "words": ("0.9.0-0123456789ab", "we would generate 1.0.0-", "cannot be read", "byoaws publish"),
    },
    "link-another-vendor's": {
        "args": f"link --template-url {_OTHER.format('acme')}",
        "words": ("of vendor 'acme'", "link of 'mailmark'"),
    },
    "link-token-handed-in": {
        "args": "link --param RegistrationToken=once_x",
        "words": ("'RegistrationToken' cannot be set by --param",),
    },
    "format-unknown": {"args": "link --format xml", "words": ("'xml' is not one of 'text', 'json'",)},
    "link-external-id-of-keys": {
        "args": "link --vendor selfmx --external-id 0123456789abcdef",
        "words": ("there is no ExternalId",),
    },
    "link-vendor-account": {
        "args": "link --param MailmarkAwsAccountId=999999999999",
        "words": ("cannot be set by --param",),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
