"""Templates on disk, and what the linter says of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws.lint.interface import LinkFacts
from byoaws.model import Finding

LINK = LinkFacts(prefilled=frozenset({"ExternalId", "WebhookSecret"}), external_id="ExternalId", secret="WebhookSecret")


@pytest.fixture
def link() -> LinkFacts:
    return LINK


@pytest.fixture
def lint_text(tmp_path: Path) -> Callable[..., list[Finding]]:
    """Lint a text as a file of its own; only our findings unless `stock` is set."""

    def run(text: str | bytes, *, name: str = "template.yaml", stock: bool = False, **options: object) -> list[Finding]:
        from byoaws.lint.engine import lint

        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = lint([path], **options)  # type: ignore[arg-type]
        return found if stock else [one for one in found if one.code[1:].startswith("91")]

    return run
