"""What a traffic policy may say: who is let in, before SES takes a message.

Source: botocore's service model `mailmanager`, against which the tests hold every line.
"""

from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Text
from byoaws.mail_manager.terms import (
    ADDRESS_LISTS,
    BOOLEAN_OPERATOR,
    CIDR_OPERATOR,
    IPV4_CIDR,
    IPV6_CIDR,
    STRING_OPERATOR,
    analysis,
    evaluates,
    expression,
)

ALLOW_OR_DENY = Text(values=("ALLOW", "DENY"))

_IS_IN_ADDRESS_LIST = Fields(
    name="IngressIsInAddressList",
    fields={"Attribute": Text(values=("RECIPIENT",)), "AddressLists": ADDRESS_LISTS},
    required=frozenset({"Attribute", "AddressLists"}),
)

CONDITION = OneOf(
    name="PolicyCondition",
    choices={
        "StringExpression": expression(
            "IngressStringExpression",
            evaluate=evaluates("IngressStringToEvaluate", "RECIPIENT", Analysis=analysis("IngressAnalysis")),
            operator=STRING_OPERATOR,
            Values=Items(of=Text()),
        ),
        "IpExpression": expression(
            "IngressIpv4Expression",
            evaluate=evaluates("IngressIpToEvaluate", "SENDER_IP"),
            operator=CIDR_OPERATOR,
            Values=Items(of=Text(pattern=IPV4_CIDR)),
        ),
        "Ipv6Expression": expression(
            "IngressIpv6Expression",
            evaluate=evaluates("IngressIpv6ToEvaluate", "SENDER_IPV6"),
            operator=CIDR_OPERATOR,
            Values=Items(of=Text(pattern=IPV6_CIDR, longest=49)),
        ),
        "TlsExpression": expression(
            "IngressTlsProtocolExpression",
            evaluate=evaluates("IngressTlsProtocolToEvaluate", "TLS_PROTOCOL"),
            operator=Text(values=("MINIMUM_TLS_VERSION", "IS")),
            Value=Text(values=("TLS1_2", "TLS1_3")),
        ),
        "BooleanExpression": expression(
            "IngressBooleanExpression",
            evaluate=evaluates(
                "IngressBooleanToEvaluate", Analysis=analysis("IngressAnalysis"), IsInAddressList=_IS_IN_ADDRESS_LIST
            ),
            operator=BOOLEAN_OPERATOR,
        ),
    },
)
"""One condition of a statement."""

STATEMENT = Fields(
    name="PolicyStatement",
    fields={"Conditions": Items(of=CONDITION, fewest=1), "Action": ALLOW_OR_DENY},
    required=frozenset({"Conditions", "Action"}),
)

TRAFFIC_POLICY = Fields(
    name="TrafficPolicy",
    fields={
        "TrafficPolicyName": Text(pattern=r"[A-Za-z0-9_\-]+", shortest=3, longest=63),
        "PolicyStatements": Items(of=STATEMENT),
        "DefaultAction": ALLOW_OR_DENY,
        "MaxMessageSizeBytes": Number(least=1),
    },
    required=frozenset({"PolicyStatements", "DefaultAction"}),
)
"""A traffic policy; its name is required by the API and optional in CloudFormation."""
