"""docs/library.md says what the code does: its examples can be read, and its tables are the real arguments."""

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws import connections
from byoaws.aws import lease
from byoaws.connections import Connections, access, aio
from byoaws.iam import session_policy
from byoaws.model import ConnectionStatus

PAGE = (Path(__file__).parents[2] / "docs" / "library.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def table(title: str) -> list[str]:
    """The first cells of the table that begins with `title`."""
    rows = PAGE.split(f"| {title} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [re.sub("`", "", row.split("|")[1].strip()) for row in rows]


def arguments(of: Callable[..., object]) -> list[str]:
    return [name for name in inspect.signature(of).parameters if name != "self"]


def test_the_tables_of_arguments_are_the_real_ones() -> None:
    assert table("argument of `Connections`") == arguments(Connections)
    for one in (connections.client, aio.client, Connections.client, Connections.async_client):
        assert table("argument of `client`") == arguments(one)


def test_every_status_is_told() -> None:
    assert set(table("status")) == {one.value for one in ConnectionStatus}


def test_numbers_are_the_real_ones() -> None:
    assert f"`{access.SESSIONS}`" in PAGE
    assert f"{session_policy.LIMIT:,} characters" in PAGE
    assert (lease.EARLY.total_seconds(), lease.PAUSE.total_seconds()) == (15 * 60, 10)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_names_what_is_there(example: str) -> None:
    # `async with` at the top level, as a notebook or an application's own function has it.
    tree = compile(example, "library.md", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = __import__(str(node.module), fromlist=["_"])
            assert all(hasattr(module, alias.name) for alias in node.names)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("client"):
            inspect.signature(connections.client).bind(*node.args, **{one.arg: one for one in node.keywords})
