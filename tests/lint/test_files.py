"""Which files are linted."""

import os
from pathlib import Path

import pytest

from byoaws.errors import UsageError
from byoaws.lint.files import find_templates

TEMPLATE = "Resources:\n  A: {Type: AWS::SNS::Topic}\n"


def _tree(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", TEMPLATE),
        ("a.yml", TEMPLATE),
        ("a.template", TEMPLATE),
        ("a.YAML", TEMPLATE),
        ("a.json", '{"Resources": {}}'),
        ("a.json", '{\n\t"Description": "x",\n\t"Resources": {}\n}'),
        ("deep/er/a.yaml", TEMPLATE),
        ("a.yaml", 'Description: x\n"Resources": {}\n'),
        ("a.yaml", "Resources:\n  A: [broken\n"),
        ("a.json", '{"Resources": {"A": '),
        ("a.yaml", "Resources: " + "[" * 500),
    ],
)
def test_a_folder_s_templates_are_found_broken_ones_too(name: str, text: str, tmp_path: Path) -> None:
    _tree(tmp_path, {name: text, "values.yaml": "resources:\n  limits: 1\n"})
    assert find_templates([tmp_path]) == [tmp_path / name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kustomization.yaml", "resources: [a]\n"),
        ("nested.yaml", "stack:\n  Resources:\n    A: 1\n"),
        ("nested.json", '{"a": {"Resources": {}}}'),
        ("value.yaml", "a: Resources\n"),
        ("list.yaml", "- Resources: 1\n"),
        ("notes.txt", TEMPLATE),
        (".git/a.yaml", TEMPLATE),
        ("node_modules/a.yaml", TEMPLATE),
        ("binary.json", "\0\1\2"),
    ],
)
def test_what_is_no_template_is_left_out_of_a_folder(name: str, text: str, tmp_path: Path) -> None:
    _tree(tmp_path, {name: text, "own.yaml": TEMPLATE})
    assert find_templates([tmp_path]) == [tmp_path / "own.yaml"]
    (tmp_path / "own.yaml").unlink()
    with pytest.raises(UsageError, match="holds no CloudFormation template") as caught:
        find_templates([tmp_path])
    assert "*.yaml" in caught.value.hint


def test_a_file_that_is_named_is_always_linted_and_once(tmp_path: Path) -> None:
    _tree(tmp_path, {"notes.txt": "x", "a.yaml": TEMPLATE})
    (tmp_path / "link.yaml").symlink_to(tmp_path / "a.yaml")
    paths = [tmp_path / "notes.txt", tmp_path / "a.yaml", tmp_path, str(tmp_path / "link.yaml")]
    assert find_templates(paths) == [tmp_path / "notes.txt", tmp_path / "a.yaml"]


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    _tree(tmp_path, {"a.yaml": TEMPLATE})
    (tmp_path / "again").symlink_to(tmp_path)
    assert find_templates([tmp_path]) == [tmp_path / "a.yaml"]


def test_nothing_named_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no template to lint"):
        find_templates([])


def test_a_missing_file_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such template: '.*nowhere.yaml'"):
        find_templates([tmp_path / "nowhere.yaml"])


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(UsageError, match="not a regular file"):
        find_templates([tmp_path / "pipe.yaml"])


def test_a_link_to_itself_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "a.yaml")
    with pytest.raises(UsageError, match="is a link that leads nowhere, or in a circle"):
        find_templates([tmp_path / "a.yaml"])


def test_a_name_that_no_file_can_have_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="file name too long"):
        find_templates([tmp_path / ("x" * 300)])


def test_a_folder_that_is_called_like_a_template_is_searched(tmp_path: Path) -> None:
    _tree(tmp_path, {"x.yaml/own.yaml": TEMPLATE})
    assert find_templates([tmp_path / "x.yaml"]) == [tmp_path / "x.yaml" / "own.yaml"]


def test_only_templates_leaves_out_what_is_none_also_where_it_is_named(tmp_path: Path) -> None:
    _tree(tmp_path, {"compose.yaml": "services: {}\n", "broken.yaml": "Resources:\n  A: [\n", "own.yaml": TEMPLATE})
    paths = [tmp_path / name for name in ("compose.yaml", "broken.yaml", "own.yaml")]
    assert find_templates(paths, only_templates=True) == paths[1:]
    assert find_templates(paths[:1], only_templates=True) == []


def test_only_templates_still_tells_of_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such template"):
        find_templates([tmp_path / "gone.yaml"], only_templates=True)
