"""What a single reference names: `Ref`, `Fn::GetAtt`, or an `Fn::Sub` that is nothing but one variable."""

import re
from typing import Any

from byoaws.lint.worlds.expressions import is_single

_ONE_VARIABLE = re.compile(r"\$\{\s*([\w.:]+)\s*\}")


def referred(written: Any) -> tuple[str, str]:
    """Return the name and the attribute; the attribute is empty for a `Ref`, both are for anything else."""
    if not is_single(written):
        return "", ""
    ((function, argument),) = written.items()
    found = _ONE_VARIABLE.fullmatch(argument) if function == "Fn::Sub" and isinstance(argument, str) else None
    if not found and function not in ("Ref", "Fn::GetAtt"):
        return "", ""
    parts = found[1] if found else argument
    texts = parts.split(".", 1) if isinstance(parts, str) else parts
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts) or len(texts) not in (1, 2):
        return "", ""
    return texts[0], "".join(texts[1:])
