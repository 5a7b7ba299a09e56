"""A template too large to be sent with the call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from byoaws.lint.rule import OurRule

_LARGEST_BODY = 51_200
# Beyond, cfn-lint says so itself (E1002).
_LARGEST = 1_000_000


class LargeTemplate(OurRule):
    """51,200 bytes of UTF-8 fit a CreateStack call; more must lie in S3, where a link's template lies anyway."""

    id = "W9123"
    shortdesc = "Template of over 51,200 bytes"
    description = "CloudFormation takes a template of over 51,200 bytes from S3 only, not as a file"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    tags: ClassVar[list[str]] = ["byoaws", "limits"]
    fix = "upload it to S3 and give its URL ('byoaws publish'), or make it shorter"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {
            "prefilled": {"default": [], "type": "list", "itemtype": "string"},
            "external_id": {"default": "", "type": "string"},
            "url": {"default": "", "type": "string"},
        }

    def match(self, cfn: Any) -> Iterator[Any]:
        """Yield one finding: a remark where the template is given by a link."""
        try:
            size = Path(cfn.filename).stat().st_size
        except (OSError, TypeError, ValueError):
            return  # read from standard input, or not from a file at all
        if _LARGEST_BODY < size <= _LARGEST:
            by_link = any(self.config.get(key) for key in ("prefilled", "external_id", "url"))
            message = f"the template has {size:,} bytes; over {_LARGEST_BODY:,} CloudFormation takes it from S3 only"
            yield self.mistake([], message, severity="info" if by_link else "warning")
