"""What a condition may ask about, under the words that a vendor file has for it; derived from AWS's shapes.

AWS writes `StringExpression: {Evaluate: {Attribute: FROM}, Operator: CONTAINS, Values: [x]}`, a vendor file
`from: {contains: [x]}`. Only what has a name of its own besides (a header, a field of a certificate, what an add-on
found) is asked about with more keys than one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from byoaws.mail_manager import rules, traffic
from byoaws.mail_manager.shapes import Fields, OneOf, Shape, Text

ANALYSIS = "analysis"
FURTHER = {
    "header": ("MimeHeaderAttribute", "name"),
    "client_certificate": ("ClientCertificateAttribute", "attribute"),
}
"""Subject to AWS's name for it, and the key that says which one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One thing to ask about."""

    expression: str
    """AWS's name of the expression that asks."""
    attribute: str | None
    """AWS's name of what is asked about; None where the expression says it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """All that the conditions of one place may ask about."""

    place: str
    """Where they stand, as messages name it."""
    expressions: Mapping[str, Fields]
    """Their shapes, by AWS's names."""
    named: Mapping[str, Subject]
    """By the word for it."""
    listed: Mapping[str, str]
    """Those that can be looked up in an address list, with AWS's names."""
    further: Mapping[str, Shape]
    """Keys of FURTHER that there are here, with the shape of what says which one."""
    analysis: Mapping[str, str]
    """The expressions that what an add-on found can stand in, by the word for them: `string`."""

    def words(self) -> list[str]:
        """Every word that a condition may be about."""
        return [*self.named, *self.further, ANALYSIS]


def _subjects(place: str, condition: OneOf) -> Subjects:
    expressions = {name: cast(Fields, shape) for name, shape in condition.choices.items()}
    named: dict[str, Subject] = {}
    found: dict[str, Shape] = {}
    analysis: dict[str, str] = {}
    for expression, shape in expressions.items():
        word = expression.removesuffix("Expression").lower()
        evaluate = shape.fields.get("Evaluate")
        if not isinstance(evaluate, OneOf):
            named[word] = Subject(expression=expression, attribute=None)
            continue
        for attribute in _values(evaluate.choices.get("Attribute")):
            named[attribute.lower()] = Subject(expression=expression, attribute=attribute)
        found |= evaluate.choices
        if "Analysis" in evaluate.choices:
            analysis[word] = expression
    listed = _values(cast(Fields, found["IsInAddressList"]).fields["Attribute"])
    return Subjects(
        place=place,
        expressions=expressions,
        named=named,
        listed={attribute.lower(): attribute for attribute in listed},
        further={key: found[name] for key, (name, _) in FURTHER.items() if name in found},
        analysis=analysis,
    )


def _values(shape: Shape | None) -> tuple[str, ...]:
    return shape.values if isinstance(shape, Text) else ()


OF_POLICIES = _subjects("traffic policy", traffic.CONDITION)
OF_RULES = _subjects("rule set", rules.CONDITION)
