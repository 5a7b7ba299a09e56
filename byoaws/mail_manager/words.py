"""AWS's words as a vendor file writes them: keys with underscores, values with dashes, both in lower case.

`ReplaceRecipient` is the key `replace_recipient`, `PROCESSING_FAILED` the value `processing-failed`. The few that
would read badly so, or would say too much, are listed here.
"""

import re
from collections.abc import Mapping

from byoaws.mail_manager.shapes import Shape

_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_KEYS = {
    "PolicyStatements": "statements",
    "TrafficPolicyId": "traffic_policy",
    "RuleSetId": "rule_set",
}
_VALUES = {"TLS1_2": "1.2", "TLS1_3": "1.3"}


def key_of(name: str) -> str:
    """Return the key that stands for a field or a member of AWS's: `S3Prefix` is `s3_prefix`."""
    return _KEYS.get(name) or _WORD_BEGINS.sub("_", name).lower()


def keys_of(fields: Mapping[str, Shape]) -> dict[str, str]:
    """Return AWS's names by the keys that stand for them."""
    return {key_of(name): name for name in fields}


def word_of(value: str) -> str:
    """Return the word that stands for one of AWS's values: `DUAL_STACK` is `dual-stack`."""
    return _VALUES.get(value) or value.lower().replace("_", "-")


def words_of(values: tuple[str, ...]) -> dict[str, str]:
    """Return AWS's values by the words that stand for them."""
    return {word_of(value): value for value in values}


def operator_of(value: str) -> str:
    """Return the key that stands for an operator with an operand: `ENDS_WITH` is `ends_with`."""
    return value.lower()
