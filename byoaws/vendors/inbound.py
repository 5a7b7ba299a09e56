"""How mail comes in, as a vendor file says it: by receipt rules, or by a Mail Manager pipeline."""

from collections.abc import Mapping

from byoaws.pipeline import Pipeline
from byoaws.vendor_model import Inbound
from byoaws.vendors.document import Document
from byoaws.vendors.own_packs import ReadFile

_BY_MAIL_MANAGER = Inbound.MAIL_MANAGER.value


def pipeline(document: Document, read_file: ReadFile) -> Pipeline | None:
    """Read the pipeline, where there is one; what is wrong with it becomes the document's problems."""
    keys = document.value
    if not isinstance(keys, Mapping):
        return None
    section, chosen = keys.get("mail_manager"), keys.get("inbound")
    if chosen == _BY_MAIL_MANAGER and _has_no_inbound(keys):
        document.refuse(("inbound",), f"'{chosen}' needs block 'inbound'; add it to stack.blocks")
    if section is not None and chosen in (None, Inbound.RECEIPT_RULES.value):
        document.refuse(("mail_manager",), f"would be ignored; set inbound: {_BY_MAIL_MANAGER}, or take it out")
    if section is None and chosen != _BY_MAIL_MANAGER:
        return None
    # AWS's shapes are many, and most vendors need none of them.
    from byoaws.mail_manager.section import read_pipeline

    return read_pipeline(document, read_file)


def _has_no_inbound(keys: Mapping[str, object]) -> bool:
    """True only for a list of blocks that can be read: what is wrong with it otherwise is told by the schema."""
    stack = keys.get("stack")
    blocks = stack.get("blocks") if isinstance(stack, Mapping) else None
    return isinstance(blocks, list) and "inbound" not in blocks
