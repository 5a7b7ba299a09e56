"""A small vendor file, and ways to read changed copies of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from byoaws.errors import VendorFileError
from byoaws.registry import BLOCKS, PROBES
from byoaws.vendor_model import Vendor
from byoaws.vendors.names import REQUIRED_PROBES, Names
from byoaws.vendors.reader import read_vendor
from byoaws.vendors.schema import Known

Read = Callable[..., Vendor]

SMALL = f"""\
name: acme
title: Acme Mail
aws:
  account_id: ${{ACME_ACCOUNT:-}}
packs: [ses-send]
stack:
  name: acme-mail
  version: 1.0.0
  blocks: [sending, access]
probes: [{", ".join(REQUIRED_PROBES)}]
"""


@pytest.fixture
def data() -> Path:
    return Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def small() -> str:
    return SMALL


@pytest.fixture(scope="session")
def known() -> Known:
    """Known names that do not depend on what else is in the working tree."""
    return Known(
        packs=Names(kind="pack", builtins=["ses-send", "self-read"]),
        blocks=Names(kind="block", builtins=BLOCKS.builtins),
        probes=Names(kind="probe", builtins=PROBES.builtins, added=lambda: ["acme-probe"]),
    )


@pytest.fixture(scope="session")
def read(known: Known) -> Read:
    def _read(text: str, env: Mapping[str, str] | None = None, **more: Any) -> Vendor:
        return read_vendor(text, source="acme.yaml", env=env or {}, known=known, **more)

    return _read


@pytest.fixture(scope="session")
def mistakes(read: Read) -> Callable[..., list[str]]:
    """The problems of a text as `line: where: message`; fails if there are none."""

    def _mistakes(text: str, env: Mapping[str, str] | None = None, **more: Any) -> list[str]:
        with pytest.raises(VendorFileError) as caught:
            read(text, env, **more)
        return [f"{problem.line}: {problem.where}: {problem.message}" for problem in caught.value.problems]

    return _mistakes
