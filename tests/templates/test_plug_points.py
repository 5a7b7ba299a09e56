"""Every building block is a file with an `add`, and every such file is in the table."""

import ast
import inspect
from importlib import resources

import pytest

from byoaws.registry import BLOCKS
from byoaws.templates.functions import inline

OWN = {name: target for name, target in BLOCKS.builtins.items() if target.startswith("byoaws.templates.")}
FUNCTIONS = ["forwarder", "receipt_rule"]


@pytest.mark.parametrize("name", OWN)
def test_a_block_loads_and_says_what_it_is(name: str) -> None:
    add = BLOCKS.load(name)
    module = inspect.getmodule(add)
    assert module is not None
    assert (module.__doc__ or "").startswith(f"Building block `{name}`")
    assert list(inspect.signature(add).parameters) == ["stack"]
    assert add.__doc__


def test_no_block_is_left_out_of_the_table() -> None:
    folder = resources.files("byoaws.templates")
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".py")]
    blocks = set()
    for entry in files:
        defined = {node.name for node in ast.parse(entry.read_text()).body if isinstance(node, ast.FunctionDef)}
        if "add" in defined:
            blocks.add(f"byoaws.templates.{entry.name.removesuffix('.py')}:add")
    assert set(OWN.values()) == blocks


def test_every_function_source_is_known_here() -> None:
    entries = resources.files("byoaws.templates.functions").iterdir()
    assert sorted(entry.name for entry in entries if entry.name.endswith(".py")) == [
        "__init__.py",
        "forwarder.py",
        "receipt_rule.py",
        "registration.py",
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_needs_nothing_that_lambda_has_not(name: str) -> None:
    """Lambda's Python has the standard library, boto3 and what boto3 brings."""
    import sys

    tree = ast.parse(inline(name), feature_version=(3, 11))
    imported = {
        (alias.name if isinstance(node, ast.Import) else str(node.module)).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names) | {"boto3", "botocore"}
    assert any(isinstance(node, ast.FunctionDef) and node.name == "handler" for node in tree.body)
