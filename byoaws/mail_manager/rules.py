"""What a rule set may say: what becomes of a message that was let in.

Source: botocore's service model `mailmanager`, against which the tests hold every line.
"""

from byoaws.mail_manager.actions import ACTION
from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Text
from byoaws.mail_manager.terms import (
    ADDRESS_LISTS,
    BOOLEAN_OPERATOR,
    CIDR_OPERATOR,
    EQUALITY_OPERATOR,
    NUMBER_OPERATOR,
    STRING_OPERATOR,
    analysis,
    evaluates,
    expression,
)

_ANALYSIS = analysis("Analysis")
_IS_IN_ADDRESS_LIST = Fields(
    name="RuleIsInAddressList",
    fields={
        "Attribute": Text(values=("RECIPIENT", "MAIL_FROM", "SENDER", "FROM", "TO", "CC")),
        "AddressLists": ADDRESS_LISTS,
    },
    required=frozenset({"Attribute", "AddressLists"}),
)
_CERTIFICATE = Text(
    values=(
        "CN",
        "SAN_RFC822_NAME",
        "SAN_DNS_NAME",
        "SAN_DIRECTORY_NAME",
        "SAN_UNIFORM_RESOURCE_IDENTIFIER",
        "SAN_IP_ADDRESS",
        "SAN_REGISTERED_ID",
        "SERIAL_NUMBER",
    )
)
_VERDICT = Text(values=("PASS", "FAIL", "GRAY", "PROCESSING_FAILED"))
_DMARC_POLICY = Text(values=("NONE", "QUARANTINE", "REJECT"))

CONDITION = OneOf(
    name="RuleCondition",
    choices={
        "BooleanExpression": expression(
            "RuleBooleanExpression",
            evaluate=evaluates(
                "RuleBooleanToEvaluate",
                *("READ_RECEIPT_REQUESTED", "TLS", "TLS_WRAPPED"),
                Analysis=_ANALYSIS,
                IsInAddressList=_IS_IN_ADDRESS_LIST,
            ),
            operator=BOOLEAN_OPERATOR,
        ),
        "StringExpression": expression(
            "RuleStringExpression",
            evaluate=evaluates(
                "RuleStringToEvaluate",
                *("MAIL_FROM", "HELO", "RECIPIENT", "SENDER", "FROM", "SUBJECT", "TO", "CC"),
                MimeHeaderAttribute=Text(pattern="X-[a-zA-Z0-9-]{1,256}"),
                Analysis=_ANALYSIS,
                ClientCertificateAttribute=_CERTIFICATE,
            ),
            operator=STRING_OPERATOR,
            Values=Items(of=Text(shortest=1, longest=4096), fewest=1, most=10),
        ),
        "NumberExpression": expression(
            "RuleNumberExpression",
            evaluate=evaluates("RuleNumberToEvaluate", "MESSAGE_SIZE"),
            operator=NUMBER_OPERATOR,
            Value=Number(whole=False),
        ),
        "IpExpression": expression(
            "RuleIpExpression",
            evaluate=evaluates("RuleIpToEvaluate", "SOURCE_IP"),
            operator=CIDR_OPERATOR,
            Values=Items(of=Text(pattern="(([0-9]|.|:|/)*)", shortest=1, longest=43), fewest=1, most=10),
        ),
        "VerdictExpression": expression(
            "RuleVerdictExpression",
            evaluate=evaluates("RuleVerdictToEvaluate", "SPF", "DKIM", Analysis=_ANALYSIS),
            operator=EQUALITY_OPERATOR,
            Values=Items(of=_VERDICT, fewest=1, most=10),
        ),
        "DmarcExpression": expression(
            "RuleDmarcExpression",
            evaluate=None,
            operator=EQUALITY_OPERATOR,
            Values=Items(of=_DMARC_POLICY, fewest=1, most=10),
        ),
    },
)
"""One condition of a rule, also under `Unless`."""

_CONDITIONS = Items(of=CONDITION, most=10)

RULE = Fields(
    name="Rule",
    fields={
        "Name": Text(pattern="[a-zA-Z0-9_.-]+", shortest=1, longest=32),
        "Conditions": _CONDITIONS,
        "Unless": _CONDITIONS,
        "Actions": Items(of=ACTION, fewest=1, most=10),
    },
    required=frozenset({"Actions"}),
)

RULES = Items(of=RULE, most=40)
"""The rules of a rule set, in order."""

RULE_SET = Fields(
    name="RuleSet",
    fields={"RuleSetName": Text(pattern="[a-zA-Z0-9_.-]+", shortest=1, longest=100), "Rules": RULES},
    required=frozenset({"Rules"}),
)
"""A rule set; its name is required by the API and optional in CloudFormation."""
