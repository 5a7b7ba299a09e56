"""Whether one line of a Condition block holds for a request.

Source: IAM user guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
values" (one of several values suffices; for a negated operator none may match) and "Single-valued vs. multivalued
context keys" (`ForAllValues` is true, `ForAnyValue` false, where there is nothing to compare).
"""

from collections.abc import Sequence

from byoaws.iam.context import Context, Lookup
from byoaws.iam.elements import Condition
from byoaws.iam.operators import NULL, Operator, parse_operator
from byoaws.iam.patterns import Pattern, wild
from byoaws.iam.truth import NO, YES, Truth, all_of, any_of, not_documented, not_known, truth
from byoaws.iam.variables import expand


def holds(condition: Condition, context: Context, *, variables: bool) -> Truth:
    """Say whether the condition holds.

    Args:
        condition: The line.
        context: What is known of the request.
        variables: Whether the document's version has policy variables.
    """
    operator = parse_operator(condition.operator)
    if operator is None and condition.operator != NULL:
        return not_documented(f"'{condition.operator}' is not a condition operator")
    if not condition.values:
        return not_documented(f"'{condition.key}' under {condition.operator} has no value to compare with")
    found = context[condition.key]
    if found is Lookup.NOT_KNOWN:
        return not_known(f"the value of '{condition.key}' is not known")
    if operator is None:
        return _null(condition, absent=found is Lookup.ABSENT)
    if isinstance(found, Lookup):
        return _absent(operator)
    return _compare(operator, condition, found, context, variables=variables and operator.variables)


def _null(condition: Condition, *, absent: bool) -> Truth:
    wanted = {value.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return not_documented(f"Null takes true or false, not '{min(wanted - {'true', 'false'})}'")
    return truth(str(absent).lower() in wanted)


def _absent(operator: Operator) -> Truth:
    if operator.qualifier == "ForAllValues":
        return YES
    if operator.qualifier == "ForAnyValue":
        # "If the key is not present, evaluate as true" against "if the key does not exist, returns false".
        return not_documented("AWS's pages disagree on ForAnyValue with IfExists") if operator.if_exists else NO
    return truth(operator.if_exists or operator.negated)


def _compare(
    operator: Operator, condition: Condition, found: Sequence[str], context: Context, *, variables: bool
) -> Truth:
    wanted = [expand(value, context) if variables else wild(value) for value in condition.values]
    if operator.qualifier is None:
        if len(found) > 1:
            return not_documented(f"'{condition.key}' has several values, which needs ForAnyValue or ForAllValues")
        return _one(operator, found[0], wanted)
    # "An empty data set (for example, an empty string)".
    present = [value for value in found if value]
    combine = all_of if operator.qualifier == "ForAllValues" else any_of
    return combine(_one(operator, value, wanted) for value in present)


def _one(operator: Operator, found: str, wanted: Sequence[Pattern | Truth]) -> Truth:
    matched = any_of(_match(operator, found, pattern) for pattern in wanted)
    return ~matched if operator.negated else matched


def _match(operator: Operator, found: str, wanted: Pattern | Truth) -> Truth:
    if not isinstance(wanted, Truth):
        return operator.compare(found, wanted)
    if wanted.value is False and operator.negated:
        return not_documented("a policy variable without a value stands under a negated operator")
    return wanted
