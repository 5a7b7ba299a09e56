"""Errors: the tree in the docstring is the real one, every raise uses it, and messages keep to one style."""

import ast
import functools
import inspect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from byoaws import errors
from byoaws.errors import ByoawsError
from byoaws.problem import Problem

PACKAGE = Path(__file__).parents[1] / "byoaws"
CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if inspect.isclass(value) and issubclass(value, ByoawsError) and value.__module__ == errors.__name__
}
# Raised and caught inside the store: no caller sees it.
INTERNAL = {"byoaws/store/failures.py": ["Duplicate"]}

BRANCH = re.compile(r"^ {4}(?P<indent>[│├└─ ]*)(?P<name>\w+)(?: +(?:exit (?P<code>\d): )?(?P<says>.+))?$", re.MULTILINE)


def drawn(text: str) -> dict[str, tuple[str | None, int | None]]:
    """Class to its parent and exit code, as a tree of box characters shows them; codes are inherited."""
    found: dict[str, tuple[str | None, int | None]] = {}
    path: list[str] = []
    for match in BRANCH.finditer(text):
        depth = len(match["indent"]) // 4
        parent = path[depth - 1] if depth else None
        inherited = found[parent][1] if parent else None
        found[match["name"]] = (parent, int(match["code"]) if match["code"] else inherited)
        path[depth:] = [match["name"]]
    return found


TREE = drawn(errors.__doc__)


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    real = {name: None if value is ByoawsError else value.__bases__[0].__name__ for name, value in CLASSES.items()}
    assert {name: parent for name, (parent, _) in TREE.items()} == real


def test_a_tree_is_read_as_it_is_drawn() -> None:
    text = "    A\n    ├── B   exit 2: b\n    │   └── C   c\n    └── D   exit 3: d\n"
    assert drawn(text) == {"A": (None, None), "B": ("A", 2), "C": ("B", 2), "D": ("A", 3)}


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "ByoawsError"])
def test_the_exit_code_is_the_one_of_the_tree(name: str) -> None:
    assert TREE[name][1] in (2, 3)
    assert CLASSES[name].exit_code == TREE[name][1]


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_says_what_it_is_for(name: str) -> None:
    assert CLASSES[name].__dict__.get("__doc__")


def test_an_error_keeps_message_and_hint_apart() -> None:
    error = errors.StoreError("the store is closed", hint="open it")
    assert (str(error), error.message, error.hint) == ("the store is closed", "the store is closed", "open it")


def test_an_unknown_name_lists_the_known_ones() -> None:
    error = errors.UnknownName("probe", "role", ["trust-policy", "role-arn"])
    assert (str(error), error.hint) == ("no probe named 'role'", "known: role-arn, trust-policy")


def test_a_vendor_file_error_lists_every_mistake_with_its_place() -> None:
    problems = [
        Problem(where="aws.account_id", line=3, message="must be 12 digits"),
        Problem(where="title", line=5, column=8, message="is too long"),
        Problem(where="", line=None, message="is empty"),
    ]
    assert str(errors.VendorFileError("a.yaml", problems)).splitlines() == [
        "vendor file 'a.yaml' has 3 mistakes:",
        "  a.yaml:3: aws.account_id: must be 12 digits",
        "  a.yaml:5:8: title: is too long",
        "  a.yaml: is empty",
    ]
    assert "1 mistake:" in str(errors.VendorFileError("a.yaml", problems[:1]))


# What the sources raise ----------------------------------------------------------------------------------------------

Nodes = Sequence[ast.AST]


def nodes(source: str) -> Nodes:
    """Everything in a source: what `ast.walk` yields, walked once."""
    return list(ast.walk(ast.parse(source)))


@functools.cache
def sources() -> dict[str, Nodes]:
    return {
        str(path.relative_to(PACKAGE.parent)): nodes(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        # Lambda sources know nothing of byoaws.
        if path.parent.name != "functions"
    }


def further_classes(tree: Nodes) -> list[str]:
    """Subclasses of ours that are defined in this source."""
    return [
        node.name
        for node in tree
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).split(".")[-1] in CLASSES for base in node.bases)
    ]


def test_every_class_is_in_the_one_module() -> None:
    found = {path: further_classes(tree) for path, tree in sources().items() if path != "byoaws/errors.py"}
    assert {path: names for path, names in found.items() if names} == INTERNAL


def test_a_class_elsewhere_is_reported() -> None:
    assert further_classes(nodes("class Mine(errors.AwsError): ...\nclass Other(ValueError): ...")) == ["Mine"]


# Programming errors, click's own words, Python's for validators of pydantic_core, and what the caller turns into ours.
FOREIGN = {
    *("AttributeError", "ClientError", "FileNotFoundError", "OSError"),
    *("AssertionError", "KeyboardInterrupt", "NotImplementedError", "RuntimeError", "SystemExit", "TypeError"),
    *("ValueError", "PermissionError", "UsageError", "BadParameter"),
}


def raised(tree: Nodes) -> Iterator[str]:
    """Name of each class that the source raises by a call of it."""
    for node in tree:
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = ast.unparse(node.exc.func).split(".")[-1]
            if name.lstrip("_")[0].isupper():
                yield name


def test_what_is_raised_is_ours_or_never_leaves_its_module() -> None:
    unknown = {}
    for path, tree in sources().items():
        own = {node.name for node in tree if isinstance(node, ast.ClassDef)}
        imported = {
            alias.asname or alias.name
            for node in tree
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("byoaws.")
            for alias in node.names
        }
        if strange := set(raised(tree)) - set(CLASSES) - FOREIGN - own - imported:
            unknown[path] = strange
    assert unknown == {}


def test_a_strange_class_is_seen() -> None:
    assert list(raised(nodes("raise http.HTTPError('no')\nraise make(1)\nraise"))) == ["HTTPError"]


def _texts(node: ast.expr) -> Iterator[str]:
    """Literal text of a string, with `{}` for what is put in; both branches of a conditional."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def spoken(tree: Nodes) -> Iterator[tuple[int, str, str]]:
    """Line, `message` or `hint`, and text of every literal that an error of ours is made with."""
    for node in tree:
        if not isinstance(node, ast.Call):
            continue
        hints = [keyword.value for keyword in node.keywords if keyword.arg == "hint"]
        for text in (text for hint in hints for text in _texts(hint)):
            yield node.lineno, "hint", text
        name = ast.unparse(node.func).split(".")[-1]
        # The first two make their message themselves.
        if name in CLASSES and name not in ("UnknownName", "VendorFileError") and node.args:
            for text in _texts(node.args[0]):
                yield node.lineno, "message", text


# A sentence begins so; `ExternalId`, `AWS`, `Statement:` and what a policy's Effect may be are names.
CAPITAL = re.compile(r"(?!Allow or Deny)[A-Z][a-z]+(?![\w:])")
SECRET = re.compile(r"secret|password|token|credential", re.IGNORECASE)
# Names of things that hold or permit a secret: a query parameter of a database URL, a pack.
ONLY_NAMES = {"secrets[0]", "_SECRET_PACK"}


def faults_of_style(tree: Nodes) -> Iterator[str]:
    for line, kind, text in spoken(tree):
        if CAPITAL.match(text):
            yield f"{line}: {kind} begins with a capital: {text}"
        if "!" in text:
            yield f"{line}: {kind} shouts: {text}"
        if text.endswith((".", "\n", " ")):
            yield f"{line}: {kind} ends like prose: {text}"
        if kind == "message" and not text.strip():
            yield f"{line}: an empty message"


def secrets_told(tree: Nodes) -> Iterator[str]:
    """Values with the name of a secret that are put into the text of an error."""
    for node in tree:
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in CLASSES:
            for part in (inner for inner in ast.walk(node) if isinstance(inner, ast.FormattedValue)):
                told = ast.unparse(part.value)
                if SECRET.search(told) and told not in ONLY_NAMES:
                    yield f"{node.lineno}: {told}"


def test_messages_and_hints_keep_to_one_style() -> None:
    assert [f"{path}:{fault}" for path, tree in sources().items() for fault in faults_of_style(tree)] == []


def test_no_message_holds_a_secret() -> None:
    assert [f"{path}:{told}" for path, tree in sources().items() for told in secrets_told(tree)] == []


def test_there_are_messages_to_look_at() -> None:
    assert len([text for tree in sources().values() for text in spoken(tree)]) > 150


@pytest.mark.parametrize(
    "source",
    [
        "raise UsageError('Cannot do it')",
        "raise UsageError('cannot do it!')",
        "raise errors.StoreError(f'no {name}.')",
        "raise UsageError('no', hint='Try again')",
        "raise UsageError('a' if x else 'Not b')",
        "raise StoreError('')",
        "return _malformed(hint='try again!')",
    ],
)
def test_a_fault_of_style_is_reported(source: str) -> None:
    assert len(list(faults_of_style(nodes(source)))) == 1


def test_a_secret_in_a_message_is_reported() -> None:
    told = list(secrets_told(nodes("raise StoreError(f'no {x}', hint=f'key {self.webhook_secret}')")))
    assert told == ["1: self.webhook_secret"]
    assert list(secrets_told(nodes("raise StoreError(f'{address.shown}: not the secret')"))) == []
