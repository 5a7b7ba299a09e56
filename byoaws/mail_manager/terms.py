"""The texts that Mail Manager's conditions and actions are written in.

Source: botocore's service model `mailmanager`, against which the tests hold every line.
"""

from byoaws.mail_manager.shapes import Fields, Items, Number, OneOf, Shape, Text

ARN_LIKE = "[a-zA-Z0-9:_/+=,@.#-]+"
EMAIL_ADDRESS = "[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+"
IPV4_CIDR = (
    r"((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)/([0-9]|[12][0-9]|3[0-2])"
)
IPV6_CIDR = (
    r"(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,7}:|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}"
    r"|([0-9a-fA-F]{1,4}:){1,5}(:[0-9a-fA-F]{1,4}){1,2}|([0-9a-fA-F]{1,4}:){1,4}(:[0-9a-fA-F]{1,4}){1,3}"
    r"|([0-9a-fA-F]{1,4}:){1,3}(:[0-9a-fA-F]{1,4}){1,4}|([0-9a-fA-F]{1,4}:){1,2}(:[0-9a-fA-F]{1,4}){1,5}"
    r"|[0-9a-fA-F]{1,4}:((:[0-9a-fA-F]{1,4}){1,6})|:((:[0-9a-fA-F]{1,4}){1,7}|:))"
    r"\/(12[0-8]|1[0-1][0-9]|[1-9][0-9]|[0-9])"
)

ROLE_ARN = Text(pattern=ARN_LIKE, shortest=20, longest=2048)
NAME_OR_ARN = Text(pattern=ARN_LIKE, shortest=1, longest=2048)
ADDRESS = Text(pattern=EMAIL_ADDRESS, longest=254)
FAILURE_POLICY = Text(values=("CONTINUE", "DROP"))
ADDRESS_LISTS = Items(of=Text(), fewest=1, most=1)

STRING_OPERATOR = Text(values=("EQUALS", "NOT_EQUALS", "STARTS_WITH", "ENDS_WITH", "CONTAINS"))
EQUALITY_OPERATOR = Text(values=("EQUALS", "NOT_EQUALS"))
BOOLEAN_OPERATOR = Text(values=("IS_TRUE", "IS_FALSE"))
CIDR_OPERATOR = Text(values=("CIDR_MATCHES", "NOT_CIDR_MATCHES"))
NUMBER_OPERATOR = Text(
    values=("EQUALS", "NOT_EQUALS", "LESS_THAN", "GREATER_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN_OR_EQUAL")
)


def analysis(name: str) -> Fields:
    """Return the shape of what an add-on found, which AWS has under two names."""
    return Fields(
        name=name,
        fields={
            "Analyzer": Text(pattern=ARN_LIKE),
            "ResultField": Text(pattern=r"(addon\.)?[\sa-zA-Z0-9_]+", shortest=1, longest=256),
        },
        required=frozenset({"Analyzer", "ResultField"}),
    )


def evaluates(name: str, *attributes: str, **others: Shape) -> OneOf:
    """Return the shape of an `Evaluate`: one of some attributes of a message, or something else."""
    named = {"Attribute": Text(values=attributes)} if attributes else {}
    return OneOf(name=name, choices={**named, **others})


def expression(name: str, *, evaluate: Shape | None, operator: Shape, **operand: Shape) -> Fields:
    """Return the shape of an expression, of which every field is required."""
    evaluated = {"Evaluate": evaluate} if evaluate else {}
    fields = {**evaluated, "Operator": operator, **operand}
    return Fields(name=name, fields=fields, required=frozenset(fields))


def action(name: str, required: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Fields:
    """Return the shape of an action that can fail, and then says what becomes of the message."""
    fields = {**required, **(optional or {}), "ActionFailurePolicy": FAILURE_POLICY}
    return Fields(name=name, fields=fields, required=frozenset(required))


MINUTES = Number(least=0, most=2160)
