"""SES identities that a stack makes, and that may be there already.

Source: SES API v2, CreateEmailIdentity (`AlreadyExistsException`); widdix/mastodon-on-aws#27.
"""

from collections.abc import Mapping
from typing import Any

from byoaws.lint.worlds.walk import Mistake, named


def unconditional_identities(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the identities that are made in every stack, whether or not the account has them."""
    found = []
    for name in named(template, "AWS::SES::EmailIdentity"):
        if "Condition" not in template["Resources"][name]:
            message = f"identity '{name}' is made in every stack; where the account has it already, creation fails"
            found.append(Mistake(path=("Resources", name, "Type"), message=message))
    return found
