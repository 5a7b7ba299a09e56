"""A condition key that AWS does not have."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule


class MisspeltConditionKey(OurRule):
    """AWS saves a policy with any condition key; one that it never sends makes the condition never hold, or always."""

    id = "E9114"
    shortdesc = "Misspelt condition key"
    description = "AWS accepts condition keys that it does not have, and then never sends them"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
    tags: ClassVar[list[str]] = ["byoaws", "iam", "policies"]
    fix = "spell the key as AWS does"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each key that is close to one that AWS has."""
        from byoaws.lint.policies.misspelt import misspelt_keys

        for found in misspelt_keys(cfn.template):
            message = f"AWS has no condition key '{found.key}', so it never sends it; near is '{found.meant}'"
            yield self.mistake(found.path, message, fix=f"write '{found.meant}'")
