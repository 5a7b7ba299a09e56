"""An identity that the account may have already."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.mail.identities import unconditional_identities
from byoaws.lint.rule import OurRule


class IdentityCollides(OurRule):
    """A domain or address is there once in an account and region."""

    id = "W9135"
    shortdesc = "Identity that may be there already"
    description = (
        "A stack that makes an identity which the account has fails: another stack, or a person, may have made it"
    )
    source_url = "https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateEmailIdentity.html"
    tags: ClassVar[list[str]] = ["byoaws", "ses"]
    fix = "give it a Condition on a parameter such as 'CreateIdentity', or make the identity outside of the stack"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each identity that every stack makes."""
        for found in unconditional_identities(cfn.template):
            yield self.mistake(found.path, found.message)
