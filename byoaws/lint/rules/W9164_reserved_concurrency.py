"""Concurrency that a new account does not have."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.code.functions import reserved_concurrency
from byoaws.lint.rule import OurRule


class ReservedConcurrency(OurRule):
    """A new account has 10 concurrent executions, and may reserve none of them."""

    id = "W9164"
    shortdesc = "Reserved concurrency"
    description = "In an account with the initial limit of 10, a function that reserves concurrency cannot be made"
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"
    tags: ClassVar[list[str]] = ["byoaws", "lambda"]
    fix = "take ReservedConcurrentExecutions out, or make it depend on a parameter that is off by default"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each function that reserves concurrency."""
        for found in reserved_concurrency(cfn.template):
            yield self.mistake(found.path, found.message)
