"""Custom resource: one SES receipt rule, without ever taking over the account's mail.

Only one rule set is active in an account and region. If none is, this activates its own; otherwise it adds its rule
at the end of the active one. On delete it takes out only what it put in. `PhysicalResourceId` says which it was:
`own:SET:RULE` or `joined:SET:RULE`. Both names are this stack's alone, so nothing of anybody else's can be meant.
"""

import json
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

# SES allows one of these calls a second.
PAUSE = 1.1
# RFC 2606: nobody can receive mail there. An empty list would mean every domain of the account.
NOBODY = "no-recipient-yet.invalid"


def handler(event, context):
    """Answer CloudFormation, whatever happens: a request without an answer hangs the stack."""
    physical_id = event.get("PhysicalResourceId") or "none"
    status, reason, data = "SUCCESS", "", {}
    try:
        if event["RequestType"] == "Delete":
            remove(boto3.client("ses"), event["ResourceProperties"], physical_id)
        else:
            physical_id, data = apply(boto3.client("ses"), event["ResourceProperties"])
    except Exception as error:  # noqa: BLE001  CloudFormation must hear of it
        # On delete too: were the rest of the stack to go, a rule left behind would turn mail away.
        status, reason = "FAILED", f"{type(error).__name__}: {error}"
        print(f"{event['RequestType']} failed: {reason}")
    answer(event, status, reason, physical_id, data)


def apply(ses, properties):
    """Create or update the rule; return its physical id and what the stack may show."""
    mode, rule_set = where(ses, properties["RuleSetName"])
    if mode == "own":
        ignoring("AlreadyExists", ses.create_receipt_rule_set, RuleSetName=rule_set)
        time.sleep(PAUSE)
    recipients = [item.strip() for item in properties.get("Recipients", []) if item.strip()]
    nobody = mode == "joined" and not recipients
    rule = {
        "Name": properties["RuleName"],
        "Enabled": True,
        "ScanEnabled": True,
        "TlsPolicy": "Optional",
        "Recipients": [NOBODY] if nobody else recipients,
        "Actions": [
            {"S3Action": {"BucketName": properties["BucketName"], "ObjectKeyPrefix": properties["ObjectKeyPrefix"]}}
        ],
    }
    put_rule(ses, rule_set, rule)
    if mode == "own":
        time.sleep(PAUSE)
        # Asked again, just before: another set may have become active since.
        active = active_set(ses)
        if active not in (None, rule_set):
            raise RuntimeError(f"rule set '{active}' became active meanwhile; create the stack again to join it")
        if active is None:
            ses.set_active_receipt_rule_set(RuleSetName=rule_set)
    summary = f"rule set {rule_set} ({mode}), mail for {for_whom(recipients, nobody)}"
    return f"{mode}:{rule_set}:{rule['Name']}", {"Mode": mode, "RuleSetName": rule_set, "Summary": summary}


def for_whom(recipients, nobody):
    """Say who receives, briefly: an answer has room for 4,096 bytes."""
    if not recipients:
        return "nobody yet: set InboundRecipients" if nobody else "all verified domains"
    more = f" and {len(recipients) - 3} more" if len(recipients) > 3 else ""
    return ", ".join(recipients[:3])[:1000] + more


def where(ses, own):
    """Return `own` or `joined`, and the rule set that the rule belongs in now."""
    active = active_set(ses)
    return ("own", own) if active in (None, own) else ("joined", active)


def active_set(ses):
    """Name of the active rule set; None where none is active."""
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")


def put_rule(ses, rule_set, rule):
    """Create the rule at the end of the set, or update it where it exists: requests can come twice."""
    rules = ses.describe_receipt_rule_set(RuleSetName=rule_set).get("Rules", [])
    names = [item["Name"] for item in rules]
    if rule["Name"] not in names:
        last = {"After": names[-1]} if names else {}
        # It exists after all where an answer of SES was lost and the call repeated.
        if ignoring("AlreadyExists", ses.create_receipt_rule, RuleSetName=rule_set, Rule=rule, **last) is not None:
            return
        time.sleep(PAUSE)
    ses.update_receipt_rule(RuleSetName=rule_set, Rule=rule)


def remove(ses, properties, physical_id):
    """Take out our rule; then our rule set, unless the customer has put rules of their own in it."""
    mode, _, place = physical_id.partition(":")
    if mode == "joined":
        take_out(ses, *place.split(":"))
        return
    rule_set = properties["RuleSetName"]
    if mode != "own":
        # CloudFormation never learnt how far Create came: it may have joined the active set.
        active = active_set(ses)
        if active not in (None, rule_set):
            take_out(ses, active, properties["RuleName"])
            time.sleep(PAUSE)
    take_out(ses, rule_set, properties["RuleName"])
    time.sleep(PAUSE)
    left = ignoring("RuleSetDoesNotExist", ses.describe_receipt_rule_set, RuleSetName=rule_set)
    if left is None or left.get("Rules"):
        return
    if active_set(ses) == rule_set:
        ses.set_active_receipt_rule_set()
        time.sleep(PAUSE)
    ses.delete_receipt_rule_set(RuleSetName=rule_set)


def take_out(ses, rule_set, rule):
    """Delete one rule, if it is there."""
    ignoring("RuleSetDoesNotExist", ses.delete_receipt_rule, RuleSetName=rule_set, RuleName=rule)


def ignoring(code, call, **arguments):
    """Call SES; None where it answers that error."""
    try:
        return call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in (code, code + "Exception"):
            raise
        return None


def answer(event, status, reason, physical_id, data):
    """Tell CloudFormation, by a PUT to the URL it gave. An answer is at most 4,096 bytes."""
    body = {
        "Status": status,
        # ASCII, since JSON writes any other letter in six bytes or twelve.
        "Reason": reason.encode("ascii", "replace").decode()[:1000] or "done",
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": data,
    }
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    for attempt in range(3):
        time.sleep(2 * attempt)
        try:
            urllib.request.urlopen(request, timeout=10).close()
            return
        except OSError as error:
            print(f"answering CloudFormation failed: {error}")
    raise RuntimeError("CloudFormation could not be answered")  # Lambda then calls again
