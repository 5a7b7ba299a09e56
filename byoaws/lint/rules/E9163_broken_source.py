"""An inline function that cannot be loaded."""

from collections.abc import Iterator
from typing import Any, ClassVar

from byoaws.lint.code.functions import broken_sources
from byoaws.lint.rule import OurRule


class BrokenSource(OurRule):
    """The stack is made, and each call of the function ends in an import error."""

    id = "E9163"
    shortdesc = "Source in ZipFile that cannot be loaded"
    description = "A syntax error in a ZipFile, or a module that is not there, shows only when the function is called"
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html"
    )
    tags: ClassVar[list[str]] = ["byoaws", "lambda"]
    fix = "mend that line of the source"

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield a finding for each source that cannot be loaded, at its line where the template has it on one."""
        for found, line in broken_sources(cfn.template):
            finding = self.mistake(found.path, found.message, fix=found.fix)
            place = _place(cfn.template, found.path, line)
            if place:
                finding.location = place
            yield finding


def _place(template: Any, path: Any, line: int) -> tuple[int, int, int, int] | None:
    """Return where in the file a line of a text stands; None where it is not one to a line, as in JSON."""
    text = marked = template
    for part in path:
        text = text[part]
        # The text of `!Sub |` has no mark of its own.
        marked = text if hasattr(text, "start_mark") else marked
    if not isinstance(text, str) or "\n" not in text:
        return None
    start, end = marked.start_mark.line, marked.end_mark.line
    # A block's text begins on the line below its mark, and each of its lines is one of the file's.
    is_block = end - start >= text.rstrip("\n").count("\n") + 1
    return (start + line, 0, start + line, 1) if is_block else None
