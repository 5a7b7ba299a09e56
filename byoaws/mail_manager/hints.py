"""The mistakes that people make with Mail Manager, and how to mend each.

Source: AWS's skill "aws-mail-manager", its table "Common Mistakes".
"""

from collections.abc import Sequence

_RECIPIENT_ONLY = "a traffic policy sees the recipient only (RECIPIENT): ask for anything else in a rule set"
_OF_THE_MESSAGE = ("SENDER", "MAIL_FROM", "FROM", "HELO", "SUBJECT", "TO", "CC")
_BEFORE_THE_MESSAGE = "a traffic policy comes before the message: ask for it in a rule set"
_DMARC = "DMARC is asked by policy (NONE, QUARANTINE, REJECT); PASS and FAIL are for SPF and DKIM"
_LEAST_TLS = "write TLS1_2, the least that AWS takes"

# What nobody but AWS gives a resource. Source: the read-only properties of the CloudFormation registry's schemas.
_MADE_BY_AWS = {
    "AddressList": ("AddressListArn", "AddressListId"),
    "Archive": ("ArchiveArn", "ArchiveId", "ArchiveState"),
    "IngressPoint": ("ARecord", "IngressPointArn", "IngressPointId", "Status"),
    "Relay": ("RelayArn", "RelayId"),
    "RuleSet": ("RuleSetArn", "RuleSetId"),
    "TrafficPolicy": ("TrafficPolicyArn", "TrafficPolicyId"),
}

# The name of the object or field where it stands, and what stands there.
_HINTS = {
    ("PolicyCondition", "RecipientCondition"): "use StringExpression with Evaluate: {Attribute: RECIPIENT}",
    ("PolicyCondition", "VerdictExpression"): _BEFORE_THE_MESSAGE,
    ("PolicyCondition", "DmarcExpression"): _BEFORE_THE_MESSAGE,
    ("PolicyCondition", "NumberExpression"): "set the policy's MaxMessageSizeBytes, or ask for the size in a rule set",
    ("RuleCondition", "Ipv6Expression"): "use IpExpression, which takes IPv6 as well in a rule set",
    ("RuleCondition", "TlsExpression"): "use BooleanExpression with Evaluate: {Attribute: TLS}, or a traffic policy",
    ("IngressTlsProtocolExpression", "Values"): "write the singular 'Value', as in Value: TLS1_2",
    ("RuleNumberExpression", "Values"): "write the singular 'Value', as in Value: 1048576",
    ("RuleDmarcExpression", "Evaluate"): "take 'Evaluate' out: a DmarcExpression has only Operator and Values",
    ("TlsExpression", "TLS1_0"): _LEAST_TLS,
    ("TlsExpression", "TLS1_1"): _LEAST_TLS,
    ("IpExpression", "SOURCE_IP"): "write SENDER_IP: traffic policies have SENDER_IP, rule sets SOURCE_IP",
    ("IpExpression", "SENDER_IP"): "write SOURCE_IP: rule sets have SOURCE_IP, traffic policies SENDER_IP",
    ("IpExpression", "SENDER_IPV6"): "in a traffic policy use Ipv6Expression; in a rule set write SOURCE_IP",
    ("Ipv6Expression", "SOURCE_IP"): "write SENDER_IPV6: SOURCE_IP is for rule sets",
    ("Ipv6Expression", "SENDER_IP"): "write SENDER_IPV6: SENDER_IP is for IpExpression",
    **{("StringExpression", one): _RECIPIENT_ONLY for one in _OF_THE_MESSAGE},
    **{("IsInAddressList", one): _RECIPIENT_ONLY for one in _OF_THE_MESSAGE},
    ("RelayAction", "RelayId"): "write 'Relay', with the relay's id",
    ("RelayAction", "RelayArn"): "write 'Relay', with the relay's id",
    ("VerdictExpression", "DMARC"): "use a DmarcExpression: {Operator: EQUALS, Values: [REJECT]}",
    ("DmarcExpression", "PASS"): _DMARC,
    ("DmarcExpression", "FAIL"): _DMARC,
    **{(name, key): f"take '{key}' out: AWS makes it" for name, keys in _MADE_BY_AWS.items() for key in keys},
}


def hint(path: Sequence[str | int], found: str) -> str | None:
    """Return the mend for what was found at a place, if it is one of the well-known mistakes."""
    steps = [step for step in path if isinstance(step, str)]
    return next((_HINTS[step, found] for step in reversed(steps) if (step, found) in _HINTS), None)
