"""Custom resource: one SES receipt rule, without ever taking over the account's mail.

Only one rule set is active in an account and region. If none is, this activates its own; otherwise it adds its rule
at the end of the active one. On delete it takes out only what it put in. `PhysicalResourceId` says which it was:
`own:SET:RULE` or `joined:SET:RULE`.
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
            remove(boto3.client("ses"), physical_id)
        else:
            physical_id, data = apply(boto3.client("ses"), event["ResourceProperties"], physical_id)
    except Exception as error:  # noqa: BLE001  CloudFormation must hear of it
        print(f"{event['RequestType']} failed: {error}")
        reason = str(error)
        if event["RequestType"] == "Delete":
            reason = f"left as it is: {error}"  # a stack must be deletable even if SES is not reachable
        else:
            status = "FAILED"
            if event["RequestType"] == "Create":
                # The roll-back deletes what this names, so a half-made rule set goes too.
                physical_id = "own:{RuleSetName}:{RuleName}".format(**event["ResourceProperties"])
    answer(event, status, reason, physical_id, data)


def apply(ses, properties, physical_id):
    """Create or update the rule; return its physical id and what the stack may show."""
    mode, rule_set = where(ses, properties, physical_id)
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
        active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        if active not in (None, rule_set):
            raise RuntimeError(f"rule set '{active}' became active meanwhile; create the stack again to join it")
        if active is None:
            ses.set_active_receipt_rule_set(RuleSetName=rule_set)
    for_whom = ", ".join(recipients) or ("nobody yet: set InboundRecipients" if nobody else "all verified domains")
    summary = f"rule set {rule_set} ({mode}), mail for {for_whom}"
    return f"{mode}:{rule_set}:{rule['Name']}", {"Mode": mode, "RuleSetName": rule_set, "Summary": summary}


def where(ses, properties, physical_id):
    """Return `own` or `joined`, and the rule set: as it was before, where that still stands."""
    active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    own = properties["RuleSetName"]
    parts = physical_id.split(":")
    if len(parts) == 3 and parts[0] == "joined" and parts[1] == active:
        return "joined", active
    if active in (None, own):
        return "own", own
    return "joined", active


def put_rule(ses, rule_set, rule):
    """Create the rule at the end of the set, or update it where it exists: requests can come twice."""
    rules = ses.describe_receipt_rule_set(RuleSetName=rule_set).get("Rules", [])
    names = [item["Name"] for item in rules]
    if rule["Name"] in names:
        ses.update_receipt_rule(RuleSetName=rule_set, Rule=rule)
    elif names:
        ses.create_receipt_rule(RuleSetName=rule_set, After=names[-1], Rule=rule)
    else:
        ses.create_receipt_rule(RuleSetName=rule_set, Rule=rule)


def remove(ses, physical_id):
    """Take out our rule; then our rule set, unless the customer has put rules of their own in it."""
    mode, _, rest = physical_id.partition(":")
    rule_set, _, rule = rest.partition(":")
    if mode not in ("own", "joined") or not rule:
        return
    ignoring("RuleSetDoesNotExist", ses.delete_receipt_rule, RuleSetName=rule_set, RuleName=rule)
    if mode == "joined":
        return
    time.sleep(PAUSE)
    left = ignoring("RuleSetDoesNotExist", ses.describe_receipt_rule_set, RuleSetName=rule_set)
    if left is None or left.get("Rules"):
        return
    if ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name") == rule_set:
        ses.set_active_receipt_rule_set()
        time.sleep(PAUSE)
    ses.delete_receipt_rule_set(RuleSetName=rule_set)


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
        "Reason": reason[:1000] or "done",
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
        try:
            urllib.request.urlopen(request, timeout=10).close()
            return
        except OSError as error:
            print(f"answering CloudFormation failed: {error}")
            time.sleep(2**attempt)
    raise RuntimeError("CloudFormation could not be answered")
