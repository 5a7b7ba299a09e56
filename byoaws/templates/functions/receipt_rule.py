"""Custom resource: one SES receipt rule, without ever taking over the account's mail.

Only one rule set is active in an account and region. If none is, this activates its own; otherwise it adds its rule
at the end of the active one. People may then copy, move or switch their rule sets, so nothing is remembered: the name
of both is this stack's alone, and what bears it is looked for in every set, and taken out of it.

Whoever may call this function writes the request; so name and bucket come from its settings, and not from there.

A deletion is never refused. A rule that SES does not let go is switched off; one that cannot even be switched off
concerns nobody but the recipients that this stack was for, and the answer to CloudFormation says where it is.
"""

import json
import os
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PAUSE = 1.1  # seconds: SES allows each of these operations once in a second
BUSY = ("Throttling", "ThrottlingException", "RequestThrottled", "ServiceUnavailable", "InternalFailure")
MOST_REPEATS = 3  # of a call
WITHIN = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2})
RESERVE = 60  # seconds that are kept for the last call, which may take 31, and for the answer
# RFC 2606: nobody receives mail there. An empty list would mean every domain of the account.
NOBODY = "no-recipient-yet.invalid"


def handler(event, context):
    """Answer CloudFormation, whatever happens: a request without an answer hangs the stack."""
    ends = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    # Always the same: were it another after an update, CloudFormation would have the rule deleted.
    physical_id = event.get("PhysicalResourceId") or "receipt-rule"
    status, reason, data = "SUCCESS", "", {}
    try:
        ses = at_pace(boto3.client("ses", config=WITHIN), ends - RESERVE)
        if event["RequestType"] == "Delete":
            reason = "; ".join(remove(ses, os.environ["NAME"]))
        elif event["RequestType"] in ("Create", "Update"):
            data = put(ses, event)
        else:
            raise ValueError(f"unknown request '{event['RequestType']}'")
    except Exception as error:  # noqa: BLE001  CloudFormation must hear of it
        status = "SUCCESS" if event.get("RequestType") == "Delete" else "FAILED"
        reason = f"{type(error).__name__}: {error}"
    print(f"{event.get('RequestType')}, {status}: {reason}")
    answer(event, status, reason, physical_id, data, ends)


def at_pace(client, deadline):
    """Return a function that calls SES: at its pace, again where it is busy, and not at all when time is up."""
    last = {}

    def call(operation, **arguments):
        attempt = 0
        while True:
            pause = max(last.get(operation, 0.0) + PAUSE - time.monotonic(), PAUSE * attempt)
            if time.monotonic() + pause > deadline:
                raise TimeoutError(f"no time was left for {operation}")
            time.sleep(max(pause, 0))
            last[operation] = time.monotonic()
            try:
                return getattr(client, operation)(**arguments)
            except (ClientError, BotoCoreError) as error:
                refused = isinstance(error, ClientError) and error.response["Error"]["Code"] not in BUSY
                attempt += 1
                if refused or attempt > MOST_REPEATS:
                    raise

    return call


def put(ses, event):
    """Bring the rule to where it belongs, unless the stack is on its way out: requests can be late."""
    own = os.environ["NAME"]
    if is_going(event):
        raise RuntimeError("the stack is being deleted, so no rule was made")
    data, left = apply(ses, own, event["ResourceProperties"]["Recipients"]), []
    if event["RequestType"] == "Update":
        left = remove(ses, own, keep=data["RuleSetName"])
    if is_going(event):
        left = remove(ses, own)
        raise RuntimeError("; ".join(["the stack is being deleted, so the rule was taken out again", *left]))
    return {**data, "Summary": plain("; ".join([data["Summary"], *left]))}


def is_going(event):
    """True if the stack is being deleted or rolled back, or is gone; False if that cannot be told."""
    states = ("DELETE_", "ROLLBACK_", *(["UPDATE_ROLLBACK_"] if event["RequestType"] == "Create" else []))
    try:
        stacks = boto3.client("cloudformation", config=WITHIN).describe_stacks(StackName=event["StackId"])["Stacks"]
        return stacks[0]["StackStatus"].startswith(states)
    except ClientError as error:
        return error.response["Error"]["Code"] == "ValidationError"  # there is no such stack
    except BotoCoreError:
        return False


def apply(ses, own, recipients):
    """Make or change the rule in the rule set that it belongs in now; return what the stack may show."""
    if not isinstance(recipients, list):
        raise ValueError("Recipients is not a list")
    recipients = [item.strip() for item in recipients if item.strip()]
    active = active_set(ses)
    mode, rule_set = ("own", own) if active in (None, own) else ("joined", active)
    nobody = mode == "joined" and not recipients
    place = {"BucketName": os.environ["BUCKET"], "ObjectKeyPrefix": os.environ["PREFIX"]}
    rule = {
        "Name": own,
        "Enabled": True,
        "ScanEnabled": True,
        "TlsPolicy": "Optional",
        "Recipients": [NOBODY] if nobody else recipients,
        "Actions": [{"S3Action": place}],
    }
    if mode == "own":
        ignoring("AlreadyExists", ses, "create_receipt_rule_set", RuleSetName=rule_set)
    put_rule(ses, rule_set, rule)
    # Asked again: somebody may have chosen another set since.
    active = active_set(ses)
    if active != rule_set:
        if mode == "joined" or active:
            raise RuntimeError(f"rule set '{active}' became active meanwhile; try again, to join it")
        ses("set_active_receipt_rule_set", RuleSetName=rule_set)
    empty = "nobody yet: set InboundRecipients" if nobody else "all verified domains"
    more = f" and {len(recipients) - 3} more" if len(recipients) > 3 else ""
    whom = plain(", ".join(recipients[:3]))
    summary = f"rule set {rule_set} ({mode}), mail for {whom or empty}{more}"
    return {"Mode": mode, "RuleSetName": rule_set, "Summary": summary}


def plain(text):
    """Shorten to what has room in an answer of 4,096 bytes: JSON writes letters beyond ASCII in six bytes or twelve."""
    return text.encode("ascii", "replace").decode()[:1000]


def active_set(ses):
    """Name of the active rule set; None where none is active."""
    return ses("describe_active_receipt_rule_set").get("Metadata", {}).get("Name")


def rules_of(ses, rule_set):
    """The rules of a set; None where there is no such set."""
    found = ignoring("RuleSetDoesNotExist", ses, "describe_receipt_rule_set", RuleSetName=rule_set)
    return None if found is None else found.get("Rules", [])


def put_rule(ses, rule_set, rule):
    """Create the rule at the end of the set, or change it where it differs: requests can come twice."""
    rules = rules_of(ses, rule_set) or []
    for found in rules:
        if found["Name"] == rule["Name"]:
            if {name: found.get(name) for name in rule} != rule:
                ses("update_receipt_rule", RuleSetName=rule_set, Rule=rule)
            return
    last = {"After": rules[-1]["Name"]} if rules else {}
    # It exists after all where an answer of SES was lost and the call repeated.
    if ignoring("AlreadyExists", ses, "create_receipt_rule", RuleSetName=rule_set, Rule=rule, **last) is None:
        ses("update_receipt_rule", RuleSetName=rule_set, Rule=rule)


def remove(ses, own, keep=None):
    """Take our rule out of every set but `keep`, and our set away; return what is left behind, in words."""
    left = []

    def tried(what, step, *arguments):
        try:
            return step(ses, *arguments)
        except (ClientError, BotoCoreError, TimeoutError) as error:
            left.append(f"left behind: {what} ({error})")
            return None

    active = tried("what may be in the active rule set", active_set)
    others = tried(f"rule '{own}', should another rule set have it", all_sets) or []
    # Those first that matter most, should time run out.
    for name in dict.fromkeys([active, own, *others]):
        if name not in (None, keep):
            tried(f"rule '{own}' in rule set '{name}'", take_out, name, own)
    if keep != own:
        tried(f"rule set '{own}'", retire, own)
    return left


def all_sets(ses):
    """Names of all rule sets: an account has 40 at most, and a page 100."""
    return [item["Name"] for item in ses("list_receipt_rule_sets").get("RuleSets", [])]


def take_out(ses, rule_set, name):
    """Delete our rule where the set has it; where SES does not let it go, switch it off."""
    for rule in rules_of(ses, rule_set) or []:
        if rule["Name"] == name:
            try:
                ignoring("RuleSetDoesNotExist", ses, "delete_receipt_rule", RuleSetName=rule_set, RuleName=name)
            except (ClientError, BotoCoreError):
                ses("update_receipt_rule", RuleSetName=rule_set, Rule={**rule, "Enabled": False})
                raise


def retire(ses, own):
    """Delete our rule set, unless somebody has put rules of their own into it."""
    if rules_of(ses, own) == []:
        if active_set(ses) == own:
            ses("set_active_receipt_rule_set")
        ses("delete_receipt_rule_set", RuleSetName=own)


def ignoring(code, ses, operation, **arguments):
    """Call SES; None where it answers that error."""
    try:
        return ses(operation, **arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] not in (code, code + "Exception"):
            raise
        return None


def answer(event, status, reason, physical_id, data, ends):
    """Tell CloudFormation, by a PUT to the URL it gave. An answer is at most 4,096 bytes."""
    body = {
        "Status": status,
        "Reason": plain(reason) or "done",
        "PhysicalResourceId": physical_id,
        **{name: event.get(name) for name in ("StackId", "RequestId", "LogicalResourceId")},
        "Data": data,
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
