"""Paths as other programs want them: relative to where the lint ran, or absolute; as URIs."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.formats.lint_places import relative, uri


@pytest.mark.parametrize(
    ("path", "place", "as_uri"),
    [
        ("t.yaml", "t.yaml", "t.yaml"),
        ("./a/../t.yaml", "t.yaml", "t.yaml"),
        ("/repo/infra/t.yaml", "infra/t.yaml", "infra/t.yaml"),
        ("/repository/t.yaml", "/repository/t.yaml", "file:///repository/t.yaml"),
        ("../other/t.yaml", "/other/t.yaml", "file:///other/t.yaml"),
        ("a b/ü#?%.yaml", "a b/ü#?%.yaml", "a%20b/%C3%BC%23%3F%25.yaml"),
        ("a:b.yaml", "a:b.yaml", "a%3Ab.yaml"),
        ("caf\udce9.yaml", "caf\udce9.yaml", "caf%E9.yaml"),
    ],
)
def test_places(path: str, place: str, as_uri: str) -> None:
    assert relative(path, "/repo") == place
    assert uri(path, "/repo") == as_uri


def test_from_the_root() -> None:
    assert relative("/t.yaml", "/") == "t.yaml"


NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1).filter(
    lambda name: name not in (".", "..")
)


@given(name=NAMES)
def test_a_uri_is_read_back_as_the_path(name: str) -> None:
    read = urlsplit(uri(name, "/repo"))
    assert (read.scheme, read.netloc, read.query, read.fragment) == ("", "", "", "")
    assert unquote(read.path) == name
