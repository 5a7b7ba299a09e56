"""All mistakes of a file at once, in words for people, and never a secret among them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.errors import VendorFileError
from byoaws.vendors.file import load_vendor
from byoaws.vendors.mistakes import LIMIT
from byoaws.vendors.names import Names
from byoaws.vendors.reader import known_names, read_vendor
from byoaws.vendors.schema import Known, keys

Mistakes = Callable[..., list[str]]
SECRET = "Correct/Horse-Battery-Staple"


def test_five_mistakes_are_listed_at_once(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(data)
    with pytest.raises(VendorFileError) as caught:
        load_vendor("five-mistakes.yaml", {})
    assert f"{caught.value}\n" == (data / "five-mistakes.txt").read_text()
    assert caught.value.exit_code == 2


def test_mistakes_of_yaml_and_of_values_come_together(small: str, mistakes: Mistakes):
    found = mistakes(
        small.replace("title: Acme Mail", "title: &t Acme\ntitle: *t").replace("1.0.0", "${NONE}") + "x: 1"
    )
    assert [": ".join(problem.split(": ")[:2]) for problem in found] == [
        "2: title",
        "3: title",
        "9: stack.version",
        "12: x",
    ]


def test_a_value_that_could_not_be_read_is_one_mistake(small: str, mistakes: Mistakes):
    assert len(mistakes(small.replace("[ses-send]", '[ses-send, "${NONE}"]'))) == 1
    assert len(mistakes(small.replace("title: Acme Mail", "title: yes"))) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("# nothing\n---\n", "the file is empty"),
        ("- a", "expected keys with values"),
        ("acme", "expected keys with values"),
        ("null", "the file is empty"),
    ],
)
def test_what_holds_no_keys(mistakes: Mistakes, text: str, message: str):
    assert mistakes(text) == [f"1: : {message}"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("titel", "unknown key; did you mean 'title'?"),
        ("Packs", "unknown key; did you mean 'packs'?"),
        ("account_id", "unknown key here; did you mean 'aws.account_id'?"),
        ("qqq", "unknown key; known here: name, title, access, aws"),
        ("q" * 5000, "unknown key; known here: name, title, access, aws"),
    ],
    ids=["typo", "case", "elsewhere", "strange", "long"],
)
def test_unknown_keys(small: str, mistakes: Mistakes, key: str, message: str):
    [problem] = mistakes(
        f"{small}{key if len(key) < 100 else f'? {key}'}\n: 1" if len(key) > 100 else f"{small}{key}: 1"
    )
    assert message in problem
    assert len(problem) < 400


def test_unknown_key_in_a_group(small: str, mistakes: Mistakes):
    [problem] = mistakes(small.replace("  version:", "  verion: 2\n  version:"))
    assert problem == "8: stack.verion: unknown key; did you mean 'version'?"


def test_the_variable_that_a_value_came_from_is_named(small: str, mistakes: Mistakes):
    [problem] = mistakes(small, {"ACME_ACCOUNT": "123"})
    assert problem.startswith("4: aws.account_id: '123' is not an AWS account id")
    assert problem.endswith("(from environment variable ACME_ACCOUNT)")


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "API_KEY", "aws_secret"])
@pytest.mark.parametrize("key", ["name", "account_id", "version", "packs"])
def test_a_secret_in_the_wrong_place_is_not_repeated(small: str, mistakes: Mistakes, name: str, key: str):
    lines = [
        f"{line.partition(':')[0]}: ${{{name}}}" if line.strip().startswith(f"{key}:") else line
        for line in small.splitlines()
    ]
    found = mistakes("\n".join(lines), {name: SECRET})
    assert any(name in problem for problem in found)
    assert not any(SECRET[:8] in problem for problem in found)


@pytest.mark.parametrize(
    "text",
    [
        f"webhook_secret: {SECRET}",
        f"parameters: {{webhook_secret: {SECRET}}}",
        f"webhooks: {{inbound: 'https://user:{SECRET}@hooks.test/x'}}",
        f"webhooks: {{inbound: 'http://user:{SECRET}@hooks.test/x'}}",
        f"webhooks: {{inbound: 'user:{SECRET}@hooks.test/x'}}",
        f"template_url: http://b.s3.amazonaws.com/k?X-Amz-Signature={SECRET}",
    ],
)
def test_a_pasted_secret_is_not_repeated(small: str, mistakes: Mistakes, text: str):
    [problem] = mistakes(small + text)
    assert SECRET[:8] not in problem


def test_an_endless_list_of_mistakes_is_cut(small: str, mistakes: Mistakes):
    found = mistakes(small + "".join(f"k{number}: 1\n" for number in range(500)))
    assert len(found) == LIMIT + 1
    assert found[-1] == f"None: : and {500 - LIMIT} more mistakes"


def test_what_the_terminal_would_obey_is_escaped(small: str, mistakes: Mistakes):
    [problem] = mistakes(small + '"\\e[2J\\ud800": 1')
    assert problem == "11: : key '\\x1b[2J\\ud800' holds a line break or a control character"


def test_other_unprintable_signs_are_escaped(small: str, mistakes: Mistakes):
    [problem] = mistakes(small.replace("name: acme\n", "name: 'ac\u200bme'\n"))
    assert problem.startswith("1: name: 'ac\\u200bme' is not")


# --- anything at all -------------------------------------------------------------------------------------------------

KEYS = [key.rpartition(".")[2] for key in keys()]
WORDS = st.sampled_from(
    ["", "acme", "role-arn", "${A}", "${B:-}", "${", "yes", "24", "https://h", "arn:aws:iam::1:role/x"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=25,
)


def check(text: str, known: Known) -> None:
    """Either a vendor or mistakes in our own words that can be printed."""
    refused: VendorFileError | None = None
    try:
        read_vendor(text, source="x.yaml", env={"A": "acme"}, known=known)
    except VendorFileError as error:
        refused = error
    if refused:
        shown = str(refused)
        assert shown.encode()
        assert 0 < len(refused.problems) <= LIMIT + 1
        for foreign in ("Input should", "valid string", "Value error", "pydantic", "Extra inputs", "Field required"):
            assert foreign not in shown


@given(text=st.text())
@settings(deadline=None)
def test_any_text(known: Known, text: str):
    check(text, known)


@given(text=st.text(alphabet="ab:-[]{}&*!|>'\"%#?,\n\t \\x<=~$0\r.", max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_text_of_yaml_signs(known: Known, text: str):
    check(text, known)


@given(tree=TREES)
@settings(deadline=None)
def test_any_data(known: Known, tree: object):
    check(yaml.safe_dump(tree, allow_unicode=True), known)


@given(key=st.sampled_from(list(keys())), value=TREES)
@settings(deadline=None)
def test_any_value_of_any_key(known: Known, small: str, key: str, value: object):
    tree: dict[str, Any] = yaml.safe_load(small)
    *groups, last = key.split(".")
    place = tree
    for group in groups:
        place = place.setdefault(group, {})
    place[last] = value
    check(yaml.safe_dump(tree), known)


@given(content=st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    with pytest.raises(VendorFileError):
        load_vendor(str(path), {})


def test_names_that_others_add_are_asked_for_only_when_needed(small: str, known: Known):
    def refuse() -> list[str]:
        raise AssertionError("asked")

    quiet = Known(
        packs=known.packs,
        blocks=Names(kind="block", builtins=known.blocks.builtins, added=refuse),
        probes=Names(kind="probe", builtins=known.probes.builtins, added=refuse),
    )
    assert read_vendor(small, source="x", env={}, known=quiet).name == "acme"


@pytest.mark.parametrize("text", ["{{resolve:secretsmanager:prod}}", "x {{ Resolve : ssm-secure:/a:1}}"])
def test_a_value_that_would_read_the_customers_secrets_is_refused(text: str, small: str, mistakes: Mistakes):
    (found,) = mistakes(small.replace("title: Acme Mail", f"title: '{text}'"))
    assert found == "2: title: holds '{{resolve:', by which CloudFormation would read a value of the customer's"
    by_environment = small.replace("title: Acme Mail", "title: ${TITLE}")
    with pytest.raises(VendorFileError, match=r"\{\{resolve:"):
        read_vendor(by_environment, source="x.yaml", env={"TITLE": text}, known=known_names())
