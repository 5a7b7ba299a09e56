import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.errors import KeyMissing, StoreError
from byoaws.store.keys import make_key_file
from byoaws.store.vault import Vault

OLD, NEW = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"1", b"2"))


@pytest.fixture
def make_vault(key_file):
    return lambda key=None: Vault(key=key, key_file=key_file, store="sqlite:///x")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens(tmp_path_factory, text):
    vault = Vault(key=OLD, key_file=tmp_path_factory.getbasetemp() / "none", store="x")
    token = vault.seal(text, "here")
    assert len(text) < 4 or text not in token
    assert vault.open(token, "here") == text


def test_a_token_opens_only_in_its_place(make_vault):
    vault = make_vault(OLD)
    with pytest.raises(StoreError, match="'there' of store 'sqlite:///x' was sealed for 'here'") as caught:
        vault.open(vault.seal("hush", "here"), "there")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("damage", ["", "x", "gAAAA", "é"], ids=["empty", "short", "cut", "not-ascii"])
def test_what_is_no_token_does_not_open(make_vault, damage):
    with pytest.raises(KeyMissing):
        make_vault(OLD).open(damage, "here")


def test_a_changed_token_does_not_open(make_vault):
    vault = make_vault(OLD)
    token = vault.seal("hush", "here")
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    with pytest.raises(KeyMissing):
        vault.open(changed, "here")


def test_another_key_does_not_open(make_vault):
    with pytest.raises(KeyMissing, match=r"^BYOAWS_KEY does not open 'here' in store") as caught:
        make_vault(NEW).open(make_vault(OLD).seal("hush", "here"), "here")
    assert NEW not in f"{caught.value!r}{caught.value.hint}"


def test_the_newest_key_seals_and_all_open(make_vault):
    old = make_vault(OLD).seal("hush", "here")
    both = make_vault(f"{NEW},{OLD}")
    assert both.open(old, "here") == "hush"
    assert not both.is_newest(old)
    new = both.seal("hush", "here")
    assert both.is_newest(new)
    assert make_vault(NEW).open(new, "here") == "hush"


def test_no_key_is_made_to_open(make_vault, key_file):
    with pytest.raises(KeyMissing, match="the key for them is not here") as caught:
        make_vault().open("gAAAA", "here")
    assert str(key_file) in caught.value.hint
    assert not key_file.exists()


def test_the_variable_beats_the_file(make_vault, key_file):
    make_key_file(key_file)
    with pytest.raises(KeyMissing):
        make_vault(OLD).open(make_vault().seal("hush", "here"), "here")


def test_a_key_file_that_comes_later_is_found(make_vault, key_file):
    early = make_vault()
    token = Vault(key=make_key_file(key_file).values[0], key_file=key_file, store="x").seal("hush", "here")
    assert early.open(token, "here") == "hush"


def test_require_key_takes_the_file_that_another_process_made(make_vault, key_file):
    early, late = make_vault(), make_vault()
    late.require_key()
    kept = key_file.read_text()
    early.require_key()
    assert key_file.read_text() == kept
    assert early.open(late.seal("hush", "here"), "here") == "hush"


def test_the_repr_shows_no_key(make_vault):
    assert OLD not in repr(make_vault(OLD))
    assert OLD not in repr(vars(make_vault(OLD)))
