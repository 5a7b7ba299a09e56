"""The help of a group of commands: one sentence of each, and no word of it is cut off."""

from collections.abc import Callable

import pytest
from click.testing import Result

GROUPS = (
    "connections",
    "inbound",
    "mail-manager",
    "mail-manager archive",
    "mail-manager rules",
    "production-access",
    "vendor",
)


@pytest.mark.parametrize("group", GROUPS)
def test_the_first_sentence_of_each_command_is_whole(run: Callable[..., Result], group: str) -> None:
    done = run(*group.split(), "--help")
    told = " ".join(done.output.partition("Commands:\n")[2].split())
    assert done.exit_code == 0
    assert told
    assert "..." not in told


def test_a_command_s_sentence(run: Callable[..., Result]) -> None:
    told = " ".join(run("inbound", "--help").output.split())
    assert "redrive Replay the dead-letter queue: what the forwarder could not post is posted again." in told
