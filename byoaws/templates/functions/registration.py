"""Custom resource: tells the vendor of this stack, so that nobody need paste its outputs.

What it says is a claim, which the vendor verifies. The first report is proven by the one-time token that came with the
link, later ones by a signature with the stack's webhook secret. A report that does not arrive never fails the stack:
pasting stays possible.

Whoever may call this function writes the request. So where to report, and what signs, come from its settings; and of
a deletion CloudFormation is asked, which also calls this a deletion: an update that is rolled back, or takes this out.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

KINDS = {"Create": "stack.created", "Update": "stack.updated", "Delete": "stack.deleted"}
PATIENCE = 12  # seconds for one post, from the look-up of the host to the end of the answer
PAUSES = (0, 2, 5)  # seconds before each try
RESERVE = 40  # seconds that are kept for the answer to CloudFormation
MOST_ANSWER = 65_536  # bytes
# Worth another try; any other 4xx would be the same again.
AGAIN = (408, 425, 429)
WITHIN = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
TLS = ssl.create_default_context()


def handler(event, context):
    """Answer CloudFormation, and always that all is well."""
    ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    try:
        said = report(event, ends - RESERVE)
    except Exception as error:  # noqa: BLE001  CloudFormation must have its answer
        # Of other errors only the kind: their text may hold the URL.
        said = f"not told: {error if isinstance(error, Untold) else type(error).__name__}. Please paste the outputs"
    print(f"{event.get('RequestType')}: {said}")
    answer(event, said, ends)


class Untold(Exception):
    """The vendor was not told."""


def report(event, deadline):
    """Tell the vendor; return what came of it, in words."""
    kind = KINDS[event["RequestType"]]
    properties = event["ResourceProperties"]
    if kind == KINDS["Delete"] and not is_going(event["StackId"]):
        raise Untold("only a deletion of the stack itself is told")
    token, keys = token_of(event), signing_keys(os.environ.get("SECRET_ARN"))
    if not token and not keys:
        raise Untold("there is neither a token nor a webhook secret to prove it with")
    account_id, region = event["StackId"].split(":")[4], event["StackId"].split(":")[3]
    message = {"type": kind, "connection_id": properties["ConnectionId"], "account_id": account_id, "region": region}
    message |= {
        "stack_id": event["StackId"],
        "role_arn": properties["RoleArn"],
        "bucket_name": properties.get("BucketName"),
        "template_version": properties["TemplateVersion"],
        "outputs": properties.get("Outputs", {}),
        **({"token": token} if token else {}),
    }
    # The same at every try.
    message_id = "msg_" + hashlib.sha256(f"{event['StackId']} {event['RequestId']}".encode()).hexdigest()[:32]
    post(os.environ["URL"], message_id, json.dumps(message).encode(), keys, deadline)
    return f"told {properties['Vendor']}, which now verifies it"


def is_going(stack_id):
    """True if the stack is being deleted, or rolled back to nothing; its role may ask of no other stack."""
    stacks = boto3.client("cloudformation", config=WITHIN).describe_stacks(StackName=stack_id)["Stacks"]
    return stacks[0]["StackStatus"].startswith(("DELETE_", "ROLLBACK_"))


def token_of(event):
    """The one-time token: of a new stack, or a new one of a stack that there is."""
    if event["RequestType"] == "Delete":
        return ""
    token = event["ResourceProperties"].get("Token", "")
    return "" if token == event.get("OldResourceProperties", {}).get("Token") else token


def signing_keys(secret_arn):
    """The keys of the stack's webhook secret, newest first; none where it has none, or where that cannot be read."""
    if not secret_arn:
        return []
    try:
        client = boto3.client("secretsmanager", config=WITHIN)
        texts = client.get_secret_value(SecretId=secret_arn)["SecretString"].split()
        bare = [text.removeprefix("whsec_").rstrip("=") for text in texts]
        return [base64.b64decode(text + "=" * (-len(text) % 4), validate=True) for text in bare]
    except Exception as error:  # noqa: BLE001  a token may still prove it
        print(f"the webhook secret could not be read ({type(error).__name__})")
        return []


def post(url, message_id, body, keys, deadline):
    """Post `body`, signed, until it is taken; no redirect is followed: it would lead where nobody agreed to."""
    for pause in PAUSES:
        time.sleep(pause)
        seconds = min(PATIENCE, deadline - time.monotonic())
        if seconds <= 0:
            raise Untold("no time is left")
        timestamp = str(int(time.time()))
        head = f"{message_id}.{timestamp}.".encode()
        headers = {"Content-Type": "application/json", "User-Agent": "byoaws-registration/1", "webhook-id": message_id}
        headers["webhook-timestamp"] = timestamp
        if keys:
            made = (base64.b64encode(hmac.digest(key, head + body, "sha256")).decode() for key in keys)
            headers["webhook-signature"] = " ".join(f"v1,{one}" for one in made)
        status = send(url, body, headers, seconds)
        if isinstance(status, int) and 200 <= status < 300:
            return
        if isinstance(status, int) and 300 <= status < 500 and status not in AGAIN:
            break
    raise Untold(f"the vendor answered {status}")


def send(url, body, headers, seconds):
    """Return the status of the answer to a POST, or in words that there was none.

    In a thread, so that nothing can outlast `seconds`: a socket's time-out begins anew with each byte.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https":
        raise Untold("the vendor's URL is not https")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=seconds, context=TLS)
    outcome, sockets = [], []

    def talk():
        try:
            connection.connect()
            sockets.append(connection.sock)
            connection.request("POST", target, body, headers)
            response = connection.getresponse()
            response.read(MOST_ANSWER)
            outcome.append(response.status)
        except Exception as error:  # noqa: BLE001  for the other thread to tell
            outcome.append(f"nothing ({type(error).__name__})")
        finally:
            connection.close()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        for one in sockets:
            socket.socket.shutdown(one, socket.SHUT_RDWR)
        return f"nothing within {seconds:.0f} seconds"
    return outcome[0]


def answer(event, said, ends):
    """Tell CloudFormation, by a PUT to the URL it gave. An answer is at most 4,096 bytes."""
    said = said.encode("ascii", "replace").decode()[:1000]
    body = {
        "Status": "SUCCESS",
        "Reason": said,
        # Always the same: were it another after an update, the vendor would be told that the stack is deleted.
        "PhysicalResourceId": event.get("PhysicalResourceId") or "registration",
        **{name: event.get(name) for name in ("StackId", "RequestId", "LogicalResourceId")},
        "Data": {"Summary": said},
    }
    told = urllib.request.Request(event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT")
    for attempt in range(3):
        time.sleep(2 * attempt)
        try:
            urllib.request.urlopen(told, timeout=max(1, min(10, ends - time.monotonic() - 5))).close()
            return
        except OSError as error:
            print(f"answering CloudFormation failed: {error}")
    raise RuntimeError("CloudFormation could not be answered")  # Lambda then calls again
