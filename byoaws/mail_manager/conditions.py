"""One condition of a vendor file to AWS's: `{recipient: {ends_with: ["@example.com"]}}` and its like."""

import ipaddress
from collections.abc import Mapping
from typing import Any, cast

from byoaws.mail_manager.placed import BROKEN, Placed
from byoaws.mail_manager.reading import Reading
from byoaws.mail_manager.shapes import Text
from byoaws.mail_manager.subjects import ANALYSIS, FURTHER, OF_POLICIES, OF_RULES, Subjects
from byoaws.mail_manager.words import operator_of
from byoaws.pipeline import Given, Kind
from byoaws.vendors.document import Path
from byoaws.vendors.words import closest, plain

RECIPIENTS = "inbound-recipients"
"""For `recipient` in a traffic policy: whoever the customer receives mail for, as the stack's parameter says."""
IN_LIST = {"in_address_list": "IS_TRUE", "not_in_address_list": "IS_FALSE"}
"""Operators that look an address up, with AWS's."""
_ADDRESSES = {"sender_ip": "source_ip", "sender_ipv6": "source_ip", "source_ip": "sender_ip"}
"""What the other place calls the sender's address."""
_VERSIONS = {"sender_ip": (4,), "sender_ipv6": (6,), "source_ip": (4, 6)}
_EXAMPLES = {4: "203.0.113.0/24", 6: "2001:db8::/32"}


class Conditions:
    """Translates the conditions of one place."""

    def __init__(self, reading: Reading, subjects: Subjects) -> None:
        self._reading = reading
        self._subjects = subjects

    def read(self, value: Any, path: Path) -> list[Placed]:
        """Translate a condition to those of which one must hold; there are several for `inbound-recipients` only."""
        reading, words = self._reading, self._subjects.words()
        if path in reading.document.unusable:
            return [Placed(BROKEN, path)]
        if not isinstance(value, Mapping) or not value:
            return [reading.expected("a condition, such as recipient: {ends_with: ['@example.com']}", value, path)]
        for word in value:
            if word not in words:
                reading.refuse((*path, word), self._unknown(str(word)))
        known = [word for word in value if word in words]
        if not reading.only_one(known, path) or not known:
            return [Placed(BROKEN, path)]
        return self._about(known[0], value[known[0]], (*path, known[0]))

    def _unknown(self, word: str) -> str:
        other = OF_RULES if self._subjects is OF_POLICIES else OF_POLICIES
        if word in other.words():
            if here := _ADDRESSES.get(word):
                return f"unknown condition in a {self._subjects.place}; write '{here}'"
            why = ", which comes before the message" if other is OF_RULES else ""
            return f"unknown condition in a {self._subjects.place}{why}; ask for it in a {other.place}"
        guess = closest(word, self._subjects.words())
        instead = f"did you mean '{guess}'?" if guess else f"known here: {', '.join(self._subjects.words())}"
        return f"unknown condition; {instead}"

    def _about(self, word: str, value: Any, path: Path) -> list[Placed]:
        if word == "recipient" and value == RECIPIENTS:
            return self._recipients(path)
        if path in self._reading.document.unusable:
            return [Placed(BROKEN, path)]
        if word == "recipient" and isinstance(value, str) and closest(value, [RECIPIENTS]):
            return [self._reading.refuse(path, f"'{plain(value)}' is not known here; did you mean '{RECIPIENTS}'?")]
        if word == ANALYSIS:
            return [self._analysis(value, path)]
        if word in FURTHER:
            return [self._further(word, value, path)]
        subject = self._subjects.named[word]
        if word in self._subjects.listed and isinstance(value, Mapping) and set(IN_LIST) & set(value):
            return [self._in_list(word, value, path)]
        evaluate = {"Attribute": Placed(subject.attribute, path)} if subject.attribute else None
        return [self._expression(subject.expression, evaluate, value, path)]

    def _recipients(self, path: Path) -> list[Placed]:
        if self._subjects is not OF_POLICIES:
            return [self._reading.refuse(path, f"'{RECIPIENTS}' is known in traffic policies only")]
        forms = (("EQUALS", Given.RECIPIENT_ADDRESSES), ("ENDS_WITH", Given.RECIPIENT_DOMAINS))
        return [
            self._placed("StringExpression", {"Attribute": Placed("RECIPIENT", path)}, operator, values, path)
            for operator, values in forms
        ]

    def _placed(self, expression: str, evaluate: Any, operator: str, values: Any, path: Path) -> Placed:
        parts = {"Operator": Placed(operator, path)}
        if values is not None:
            operand = "Values" if "Values" in self._subjects.expressions[expression].fields else "Value"
            parts[operand] = values if isinstance(values, Placed) else Placed(values, path)
        if evaluate is not None:
            parts = {"Evaluate": Placed(evaluate, path), **parts}
        return Placed({expression: Placed(parts, path)}, path)

    def _expression(self, expression: str, evaluate: Any, test: Any, path: Path) -> Placed:
        """Translate `is-true`, or `{OPERATOR: OPERAND}`."""
        shape, reading = self._subjects.expressions[expression], self._reading
        operators = cast(Text, shape.fields["Operator"])
        operand = next((field for name, field in shape.fields.items() if name.startswith("Value")), None)
        if operand is None:
            operator = reading.read(test, operators, path)
            return operator if operator.broken else self._placed(expression, evaluate, operator.value, None, path)
        known = {operator_of(name): name for name in operators.values}
        if not isinstance(test, Mapping) or not test:
            return reading.expected(f"one of {', '.join(known)}, with what to compare with", test, path)
        reading.unknown_keys(test, known, path)
        chosen = [key for key in test if key in known]
        if not reading.only_one(chosen, path) or not chosen:
            return Placed(BROKEN, path)
        if test[chosen[0]] == []:
            return reading.expected("what to compare with", [], (*path, chosen[0]))
        values = reading.read(test[chosen[0]], operand, (*path, chosen[0]))
        if isinstance(values.value, list) and path[-1] in _VERSIONS:
            values = Placed([self._range(item, _VERSIONS[str(path[-1])]) for item in values.value], values.path)
        return self._placed(expression, evaluate, known[chosen[0]], values, path)

    def _range(self, item: Placed, versions: tuple[int, ...]) -> Placed:
        if not isinstance(item.value, str) or _version(item.value) in versions:
            return item
        examples = " or ".join(_EXAMPLES[version] for version in versions)
        return self._reading.refuse(item.path, f"'{plain(item.value)}' is not a range of addresses, such as {examples}")

    def _in_list(self, word: str, value: Mapping[str, Any], path: Path) -> Placed:
        if not self._reading.only_one(list(value), path):
            return Placed(BROKEN, path)
        key = next(iter(value))
        part = self._reading.reference(value[key], Kind.ADDRESS_LIST, (*path, key))
        asked = {
            "Attribute": Placed(self._subjects.listed[word], path),
            "AddressLists": Placed([part], path),
        }
        return self._placed("BooleanExpression", {"IsInAddressList": Placed(asked, path)}, IN_LIST[key], None, path)

    def _further(self, word: str, value: Any, path: Path) -> Placed:
        name, key = FURTHER[word]
        if not isinstance(value, Mapping):
            return self._reading.expected(f"'{key}' and what to compare with", value, path)
        if key not in value:
            return self._reading.refuse((*path, key), "is missing")
        which = self._reading.read(value[key], self._subjects.further[word], (*path, key))
        test = {other: item for other, item in value.items() if other != key}
        return self._expression("StringExpression", {name: which}, test, path)

    def _analysis(self, value: Any, path: Path) -> Placed:
        reading, kinds = self._reading, self._subjects.analysis
        if not isinstance(value, Mapping) or not value:
            return reading.expected(f"addon, result_field and one of {', '.join(kinds)}", value, path)
        reading.unknown_keys(value, ["addon", "result_field", *kinds], path)
        missing = [key for key in ("addon", "result_field") if key not in value]
        for key in missing:
            reading.refuse((*path, key), "is missing")
        chosen = [key for key in value if key in kinds]
        if not chosen:
            reading.refuse(path, f"asks nothing of what the add-on found; write one of {', '.join(kinds)}")
        if not reading.only_one(chosen, path) or missing or not chosen:
            return Placed(BROKEN, path)
        addon = reading.reference(value["addon"], Kind.ADDON, (*path, "addon"))
        field = reading.read(value["result_field"], Text(), (*path, "result_field"))
        found = Placed({"Analyzer": addon, "ResultField": field}, path)
        return self._expression(kinds[chosen[0]], {"Analysis": found}, value[chosen[0]], (*path, chosen[0]))


def _version(text: str) -> int | None:
    try:
        return ipaddress.ip_network(text, strict=False).version if "/" in text else None
    except ValueError:
        return None
