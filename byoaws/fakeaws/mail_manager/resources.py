"""What the stand-in of Mail Manager holds for one account and region, and how it is made, read, changed and deleted.

Eight kinds of things whose operations are alike. What the API refuses by its model was refused before.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from byoaws.fakeaws.mail_manager.wire import Call, Refused

Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing."""

    prefix: str
    """Of its ids."""
    resource: str
    """In its ARN."""
    made: str = "CreatedTimestamp"
    changed: str = "LastUpdatedTimestamp"
    named: bool = True


KINDS: Mapping[str, Kind] = {
    "RuleSet": Kind(prefix="rs-", resource="mailmanager-rule-set", made="CreatedDate", changed="LastModificationDate"),
    "TrafficPolicy": Kind(prefix="tp-", resource="mailmanager-traffic-policy"),
    "IngressPoint": Kind(prefix="inp-", resource="mailmanager-ingress-point"),
    "Relay": Kind(
        prefix="r-", resource="mailmanager-smtp-relay", made="CreatedTimestamp", changed="LastModifiedTimestamp"
    ),
    "Archive": Kind(prefix="a-", resource="mailmanager-archive"),
    "AddressList": Kind(prefix="al-", resource="mailmanager-address-list"),
    "AddonSubscription": Kind(prefix="as-", resource="addon-subscription", named=False),
    "AddonInstance": Kind(prefix="ai-", resource="addon-instance", named=False),
}
_POLLS = 2
"""How often a new ingress point is PROVISIONING."""
_KEPT_INSIDE = ("ClientToken", "Tags")


@dataclass(slots=True, kw_only=True)
class Region:
    """Everything in one account and region."""

    account_id: str
    name: str
    items: dict[str, dict[str, Item]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Client tokens, and the id that each made."""

    def arn(self, kind: str, item_id: str) -> str:
        """The ARN of a thing, there or not."""
        return f"arn:aws:ses:{self.name}:{self.account_id}:{KINDS[kind].resource}/{item_id}"

    def get(self, kind: str, item_id: str) -> Item:
        """Return a thing.

        Raises:
            Refused: it is not there.
        """
        if item_id not in self.items[kind]:
            raise Refused("ResourceNotFoundException", f"{kind} {item_id} was not found")
        return self.items[kind][item_id]

    def act(self, call: Call) -> Mapping[str, Any] | None:
        """Answer an operation on a thing, such as CreateRuleSet; None if it is no such operation."""
        name = call.operation.name
        for verb, method in (
            ("Create", self._create),
            ("Get", self._get),
            ("List", self._list),
            ("Update", self._update),
            ("Delete", self._delete),
        ):
            kind = _kind(name.removeprefix(verb)) if name.startswith(verb) else None
            if kind:
                return method(kind, call)
        return None

    def _create(self, kind: str, call: Call) -> Mapping[str, Any]:
        given = call.parameters
        token = given.get("ClientToken") or secrets.token_hex(8)
        if token in self.tokens:
            return {f"{kind}Id": self.tokens[token]}
        self._refuse_same_name(kind, given, None)
        self._require_parts(kind, given)
        item_id = KINDS[kind].prefix + secrets.token_hex(12)
        now = datetime.now(UTC)
        item: Item = {
            **{key: value for key, value in given.items() if key not in _KEPT_INSIDE},
            f"{kind}Id": item_id,
            f"{kind}Arn": self.arn(kind, item_id),
            KINDS[kind].made: now,
            KINDS[kind].changed: now,
        }
        item |= self._more(kind, item_id, given)
        self.items[kind][item_id] = item
        self.tokens[token] = item_id
        self.tags[item[f"{kind}Arn"]] = {tag["Key"]: tag["Value"] for tag in given.get("Tags", [])}
        return {f"{kind}Id": item_id}

    def _more(self, kind: str, item_id: str, given: Mapping[str, Any]) -> Item:
        if kind == "IngressPoint":
            host = f"{item_id}.mail-manager-smtp.{self.name}.amazonaws.com"
            policy = given.get("TlsPolicy") or ("FIPS" if self.name.startswith(("us-", "ca-")) else "REQUIRED")
            return {"Status": "PROVISIONING", "ARecord": host, "TlsPolicy": policy, "_polls": _POLLS}
        if kind == "Archive":
            return {
                "ArchiveState": "ACTIVE",
                "Retention": given.get("Retention") or {"RetentionPeriod": "SIX_MONTHS"},
                "_messages": [],
            }
        if kind == "AddressList":
            return {"_members": {}}
        if kind == "AddonInstance":
            subscription = self.get("AddonSubscription", given["AddonSubscriptionId"])
            return {"AddonName": subscription["AddonName"]}
        return {}

    def _require_parts(self, kind: str, given: Mapping[str, Any]) -> None:
        for part in ("RuleSet", "TrafficPolicy", "AddonSubscription"):
            if kind != part and f"{part}Id" in given:
                self.get(part, given[f"{part}Id"])

    def _refuse_same_name(self, kind: str, given: Mapping[str, Any], own: str | None) -> None:
        name = given.get(f"{kind}Name") if KINDS[kind].named else None
        taken = {item[f"{kind}Name"] for item_id, item in self.items[kind].items() if item_id != own and name}
        if name in taken:
            raise Refused("ConflictException", f"{kind} with name {name} already exists")

    def _get(self, kind: str, call: Call) -> Mapping[str, Any]:
        item = self.get(kind, call.parameters[f"{kind}Id"])
        if item.get("_polls"):
            item["_polls"] -= 1
            if not item["_polls"]:
                item["Status"] = "ACTIVE"
        return _of_shape(item, call.output_shape)

    def _list(self, kind: str, call: Call) -> Mapping[str, Any]:
        (key,) = (name for name in call.output_shape.members if name != "NextToken")
        shape = call.output_shape.members[key].member
        size = call.parameters.get("PageSize", 50)
        start = _start(call.parameters.get("NextToken"))
        rows = [_of_shape(item, shape) for item in self.items[kind].values()]
        more = {"NextToken": str(start + size)} if start + size < len(rows) else {}
        return {key: rows[start : start + size], **more}

    def _update(self, kind: str, call: Call) -> Mapping[str, Any]:
        given = dict(call.parameters)
        item = self.get(kind, given.pop(f"{kind}Id"))
        self._refuse_same_name(kind, given, item[f"{kind}Id"])
        self._require_parts(kind, given)
        status = given.pop("StatusToUpdate", None)
        item |= given | ({"Status": status} if status else {}) | {KINDS[kind].changed: datetime.now(UTC)}
        return {}

    def _delete(self, kind: str, call: Call) -> Mapping[str, Any]:
        item_id = call.parameters[f"{kind}Id"]
        if kind == "Archive" and item_id in self.items[kind]:
            self.items[kind][item_id]["ArchiveState"] = "PENDING_DELETION"
            return {}
        used = [one for one in self.items["IngressPoint"].values() if one.get(f"{kind}Id") == item_id]
        if used and kind != "IngressPoint":
            raise Refused("ConflictException", f"{kind} {item_id} is in use by {used[0]['IngressPointId']}")
        self.items[kind].pop(item_id, None)
        return {}


def kind_of(operation: str, parameters: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the kind and the id of the thing that an operation names, for IAM; None where it names none."""
    for verb in ("Create", "Get", "Update", "Delete"):
        kind = _kind(operation.removeprefix(verb)) if operation.startswith(verb) else None
        if kind:
            return kind, parameters.get(f"{kind}Id", "*")
    for kind in ("AddressList", "Archive"):
        if f"{kind}Id" in parameters:
            return kind, parameters[f"{kind}Id"]
    return None


def _kind(word: str) -> str | None:
    plural = {f"{kind[:-1]}ies" if kind.endswith("cy") else f"{kind}s": kind for kind in KINDS}
    return word if word in KINDS else plural.get(word)


def _of_shape(item: Item, shape: Any) -> dict[str, Any]:
    return {key: item[key] for key in shape.members if item.get(key) is not None}


def _start(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise Refused("ValidationException", "The pagination token is not valid")
    return int(token)
