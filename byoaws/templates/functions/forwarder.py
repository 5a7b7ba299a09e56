"""Posts each received message to the vendor's webhook, signed as Standard Webhooks says.

Whatever goes wrong is raised: Lambda then tries again, and in the end keeps the event in the dead-letter queue.
Nothing about a message is logged but its place in the bucket.
"""

import base64
import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3

SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
TIMEOUT = 15
SECRET_LIFETIME = 300

s3 = boto3.client("s3")
secretsmanager = boto3.client("secretsmanager")
_secret = {"keys": [], "until": 0.0}


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST would arrive as a GET without its body, or at a host nobody agreed to."""

    def redirect_request(self, *args, **kwargs):
        """Follow none: the redirect then counts as the answer."""
        return


opener = urllib.request.build_opener(NoRedirects)


def handler(event, context):
    """Forward every object of an S3 event."""
    for record in event["Records"]:
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        if not key.endswith(SETUP_OBJECT):
            forward(record, record["s3"]["bucket"]["name"], key, context)


def forward(record, bucket, key, context):
    """Post one message; its id is the same at every try, so that a receiver can drop repeats."""
    found = s3.get_object(Bucket=bucket, Key=key)
    size = found["ContentLength"]
    version = found.get("VersionId")
    account = context.invoked_function_arn.split(":")[4]
    message = {
        "type": "inbound.received",
        "account_id": account,
        "region": record["awsRegion"],
        "bucket": bucket,
        "key": key,
        "version_id": version,
        "size": size,
        "etag": found["ETag"].strip('"'),
        "message_id": key.rsplit("/", 1)[-1],
        "raw": None,
    }
    if size <= int(os.environ["INLINE_LIMIT"]):
        message["raw"] = base64.b64encode(found["Body"].read()).decode("ascii")
    place = f"{bucket}/{key}/{version}"
    post("msg_" + hashlib.sha256(place.encode()).hexdigest()[:32], json.dumps(message).encode())


def post(message_id, body):
    """POST `body`; anything but a 2xx answer is an error."""
    timestamp = str(int(time.time()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
        for key in signing_keys()
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "byoaws-forwarder/1",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }
    request = urllib.request.Request(os.environ["WEBHOOK_URL"], body, headers, method="POST")
    try:
        opener.open(request, timeout=TIMEOUT).close()
    except urllib.error.HTTPError as error:  # any answer but a 2xx
        error.close()
        raise RuntimeError(f"webhook answered {error.code}") from None


def signing_keys():
    """The keys, newest first, read again every five minutes; several stand side by side while one is replaced."""
    if time.monotonic() >= _secret["until"]:
        text = secretsmanager.get_secret_value(SecretId=os.environ["WEBHOOK_SECRET_ARN"])["SecretString"]
        keys = [key_of(part.removeprefix("whsec_").rstrip("=")) for part in text.split()]
        if not keys or min(map(len, keys)) < 24:
            raise RuntimeError("the webhook secret is not a Standard Webhooks key")
        _secret.update(keys=keys, until=time.monotonic() + SECRET_LIFETIME)
    return _secret["keys"]


def key_of(text):
    """The key that base64 text stands for, with or without its padding."""
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
