"""A handler that an inline function cannot have."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.code.functions import wrong_handlers
from byoaws.lint.rule import OurRule


class ZipFileHandler(OurRule):
    """The file is called `index`, and has what the template shows."""

    id = "E9162"
    shortdesc = "Handler that ZipFile does not have"
    description = "Lambda calls the file of a ZipFile 'index'; a handler that names another file or function never runs"
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html"
    )
    tags: ClassVar[list[str]] = ["byoaws", "lambda"]
    fix = "write 'Handler: index.NAME', where NAME is a function in the ZipFile"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each handler that is not there."""
        for found in wrong_handlers(cfn.template):
            yield self.mistake(found.path, found.message, fix=found.fix)
