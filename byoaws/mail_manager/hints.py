"""The mistakes that people make with Mail Manager, and how to mend each.

Source: AWS's skill "aws-mail-manager", its table "Common Mistakes".
"""

from collections.abc import Sequence

# The name of the object or field where it stands, and what stands there.
_HINTS = {
    ("PolicyCondition", "RecipientCondition"): "use StringExpression with Evaluate: {Attribute: RECIPIENT}",
    (
        "PolicyCondition",
        "VerdictExpression",
    ): "a traffic policy comes before the message: ask for verdicts in a rule set",
    ("PolicyCondition", "DmarcExpression"): "a traffic policy comes before the message: ask for DMARC in a rule set",
    ("IngressTlsProtocolExpression", "Values"): "write the singular 'Value', as in Value: TLS1_2",
    ("RuleNumberExpression", "Values"): "write the singular 'Value', as in Value: 1048576",
    ("RuleDmarcExpression", "Evaluate"): "take 'Evaluate' out: a DmarcExpression has only Operator and Values",
    ("RuleVerdictExpression", "DMARC"): "use DmarcExpression",
    ("IpExpression", "SOURCE_IP"): "write SENDER_IP: traffic policies have SENDER_IP, rule sets SOURCE_IP",
    ("IpExpression", "SENDER_IP"): "write SOURCE_IP: rule sets have SOURCE_IP, traffic policies SENDER_IP",
    ("IpExpression", "SENDER_IPV6"): "write SOURCE_IP, which takes IPv6 as well: SENDER_IPV6 is for traffic policies",
    ("Ipv6Expression", "SOURCE_IP"): "write SENDER_IPV6: SOURCE_IP is for rule sets",
    (
        "StringExpression",
        "SENDER",
    ): "a traffic policy sees the recipient only (RECIPIENT): ask for the sender in a rule set",
    ("StringExpression", "MAIL_FROM"): "a traffic policy sees the recipient only (RECIPIENT): ask for it in a rule set",
    (
        "IsInAddressList",
        "SENDER",
    ): "a traffic policy sees the recipient only (RECIPIENT): ask for the sender in a rule set",
    ("IsInAddressList", "MAIL_FROM"): "a traffic policy sees the recipient only (RECIPIENT): ask for it in a rule set",
    ("VerdictExpression", "DMARC"): "use a DmarcExpression: {Operator: EQUALS, Values: [REJECT]}",
    (
        "DmarcExpression",
        "PASS",
    ): "DMARC is asked by policy (NONE, QUARANTINE, REJECT); PASS and FAIL are for SPF and DKIM",
    (
        "DmarcExpression",
        "FAIL",
    ): "DMARC is asked by policy (NONE, QUARANTINE, REJECT); PASS and FAIL are for SPF and DKIM",
}


def hint(path: Sequence[str | int], found: str) -> str | None:
    """Return the mend for what was found at a place, if it is one of the well-known mistakes."""
    steps = [step for step in path if isinstance(step, str)]
    return next((_HINTS[step, found] for step in reversed(steps) if (step, found) in _HINTS), None)
