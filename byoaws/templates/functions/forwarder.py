"""Posts each received message to the vendor's webhook, signed as Standard Webhooks says.

Whatever goes wrong is raised: Lambda then tries again, and in the end keeps the event in the dead-letter queue.
Nothing about a message is logged but its place in the bucket.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import ssl
import threading
import time
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
PATIENCE = 15  # seconds for one post, from the look-up of the host to the end of the answer
MARGIN = 2  # seconds that are left to say what went wrong, before Lambda ends the function
SECRET_LIFETIME = 300  # seconds
HEAD = 65_536  # bytes of a message in which its headers are looked for
MOST_HEADERS = 100
MOST_ANSWER = 65_536  # bytes
SIGNATURE_REFUSED = (400, 401, 403)

MAIN = {"from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references"}
MAIN |= {"auto-submitted", "precedence", "list-id", "list-unsubscribe", "list-unsubscribe-post", "content-type"}
# What SES writes between its own Received and its X-SES-RECEIPT. Further down, anybody may have written it.
VERDICTS = {"x-ses-spam-verdict", "x-ses-virus-verdict", "received-spf", "authentication-results"}
BY_SES = r"\bby\s+inbound-smtp\.\S+\s+with\s+\S+\s+id\s+%s(?![\w.-])(?:\s+for\s+(\S.*);[^;]*$)?"
FIELD_NAME = re.compile(rb"[!-9;-~]+")

# Together with a post this stays within the function's own time-out.
WITHIN = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
s3 = boto3.client("s3", config=WITHIN)
secretsmanager = boto3.client("secretsmanager", config=WITHIN)
TLS = ssl.create_default_context()
_secret = {"keys": [], "until": 0.0}


class Undelivered(Exception):
    """The webhook did not take a message."""


def handler(event, context):
    """Forward every object of an S3 event. All are tried, whatever becomes of one; then the first failure is raised."""
    records, failures = event["Records"], []
    for done, record in enumerate(records):
        seconds = (context.get_remaining_time_in_millis() / 1000 - MARGIN) / (len(records) - done)
        deadline = time.monotonic() + seconds
        key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        try:
            if key.rpartition("/")[2] != SETUP_OBJECT:
                print(f"posted {key!r} as {forward(record, key, context, deadline)}")
        except Exception as error:  # noqa: BLE001  raised below
            print(f"not posted: {key!r} ({type(error).__name__})")
            failures.append(error)
    if failures:
        raise failures[0]


def forward(record, key, context, deadline):
    """Post one message; return its id, the same at every try, so that a receiver can drop repeats."""
    bucket = record["s3"]["bucket"]["name"]
    found, size, data, whole = read(bucket, key, record["s3"]["object"].get("versionId"))
    version = None if found.get("VersionId") == "null" else found.get("VersionId")
    ses_id = key.rstrip("/").rpartition("/")[2]
    message = {
        "type": "inbound.received",
        "connection_id": os.environ.get("CONNECTION_ID", ""),
        "account_id": context.invoked_function_arn.split(":")[4],
        "region": record["awsRegion"],
        "bucket": bucket,
        "key": key,
        "version_id": version,
        "size": size,
        "sha256": hashlib.sha256(data).hexdigest() if whole else None,
        "etag": found["ETag"].strip('"'),
        "ses_message_id": ses_id,
        **told_by(data[:HEAD], ses_id),
    }
    body = json.dumps(message).encode()
    body = b'%s, "raw": %s}' % (body[:-1], b'"%s"' % base64.b64encode(data) if whole else b"null")
    message_id = "msg_" + hashlib.sha256(f"{bucket}/{key}/{version}".encode()).hexdigest()[:32]
    post(message_id, body, deadline)
    return message_id


def read(bucket, key, version):
    """Return what S3 says of an object, its size, its first bytes, and whether those are all of it.

    Up to INLINE_LIMIT it is read whole, above only its head, and with a limit of 0 not a byte of it.
    """
    limit = int(os.environ["INLINE_LIMIT"])
    place = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version and version != "null" else {})
    if not limit:
        found = s3.head_object(**place)
        return found, found["ContentLength"], b"", False
    try:
        found = s3.get_object(**place, Range=f"bytes=0-{max(limit, HEAD) - 1}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidRange":
            raise
        found = s3.get_object(**place)  # an empty object has no range
    size = int(found.get("ContentRange", "").rpartition("/")[2] or found["ContentLength"])
    data = found["Body"].read() if size <= limit else found["Body"].read(HEAD)
    found["Body"].close()
    return found, size, data, size <= limit


def told_by(head, ses_id):
    """Return envelope and main headers, as far as the head of a message tells them.

    SES writes above the message; a stranger may write the same further down, but cannot know the id.
    """
    found = list(fields(head))
    names = [name.lower() for name, _ in found]
    top = int(names[:1] == ["return-path"])
    sender, recipients, ours = None, [], 0
    if names[top : top + 1] == ["received"] and (match := re.search(BY_SES % re.escape(ses_id), found[top][1])):
        sender = found[0][1].strip("<>") if top else None
        recipients = [match[1].strip("<>")] if match[1] else []
        ours = top + 1
        while ours < len(names) and names[ours] in VERDICTS and names[ours] not in names[:ours]:
            ours += 1
    main = [field for at, field in enumerate(found) if names[at] in (VERDICTS | MAIN if at < ours else MAIN)]
    return {"envelope": {"sender": sender, "recipients": recipients}, "headers": main[:MOST_HEADERS]}


def fields(head):
    """Yield name and value of each header field, unfolded, otherwise as it stands; what is no text is U+FFFD."""
    lines = []
    for line in head.split(b"\n"):
        line = line.removesuffix(b"\r")
        if not line:
            break
        if lines and line[:1] in b" \t":
            lines[-1].append(line)
        else:
            lines.append([line])
    else:
        if len(head) == HEAD:
            del lines[-1]  # cut off in the middle
    for parts in lines:
        name, colon, value = b"".join(parts).partition(b":")
        if colon and FIELD_NAME.fullmatch(name.rstrip(b" \t")):
            text = value.decode("utf-8", "replace").replace("\0", "\ufffd")
            yield name.rstrip(b" \t").decode("ascii"), text.strip(" \t")


def post(message_id, body, deadline):
    """Sign and post `body`; anything but a 2xx answer in time is an error."""
    keys = signing_keys()
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "byoaws-forwarder/1",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signature(key, f"{message_id}.{timestamp}.".encode(), body) for key in keys),
    }
    seconds = min(PATIENCE, deadline - time.monotonic())
    if seconds <= 0:
        raise Undelivered("no time is left to post it")
    status = send(body, headers, seconds)
    if not 200 <= status < 300:  # no redirect is followed: it would lead where nobody agreed to
        if status in SIGNATURE_REFUSED:
            _secret["until"] = 0.0  # it may have been replaced: the next try reads it again
        raise Undelivered(f"the webhook answered {status}")


def signature(key, head, body):
    """Return one signature as Standard Webhooks writes it."""
    digest = hmac.new(key, head, hashlib.sha256)
    digest.update(body)
    return "v1," + base64.b64encode(digest.digest()).decode("ascii")


def send(body, headers, seconds):
    """Return the status of the answer to a POST.

    In a thread, so that nothing can outlast `seconds`: a socket's time-out begins anew with each byte.
    """
    url = urllib.parse.urlsplit(os.environ["WEBHOOK_URL"])
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=seconds, context=TLS)
    outcome, sockets = [], []

    def talk():
        try:
            connection.connect()
            sockets.append(connection.sock)
            connection.request("POST", target, body, headers)
            response = connection.getresponse()
            if len(response.read(MOST_ANSWER)) < MOST_ANSWER and response.length:
                raise http.client.IncompleteRead(b"")
            outcome.append(response.status)
        except Exception as error:  # noqa: BLE001  for the other thread to raise
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    thread.join(seconds)
    if late := not outcome:
        for one in sockets:
            socket.socket.shutdown(one, socket.SHUT_RDWR)
    if late or isinstance(outcome[0], TimeoutError):
        raise Undelivered(f"the webhook did not answer within {seconds:.1f} seconds")
    if isinstance(outcome[0], Exception):
        # Of other errors only the kind: their text may hold the URL, and its query a secret.
        why = f": {outcome[0].strerror or outcome[0]}" if isinstance(outcome[0], OSError) else ""
        raise Undelivered(f"the webhook could not be reached ({type(outcome[0]).__name__}{why})")
    return outcome[0]


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
