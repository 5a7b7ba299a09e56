import base64
import os
import stat
import traceback

import pytest
from cryptography.fernet import Fernet

from byoaws.errors import StoreError
from byoaws.store.keys import Keys, make_key_file, parse_keys, read_key_file

ONE, TWO = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"1", b"2"))


@pytest.mark.parametrize(
    ("text", "values"),
    [(ONE, (ONE,)), (f" {ONE}\n", (ONE,)), (f"{ONE},{TWO}", (ONE, TWO)), (f"{TWO} , {ONE}", (TWO, ONE))],
    ids=["one", "spaces", "two", "other-order"],
)
def test_keys(text, values):
    keys = parse_keys(text, "BYOAWS_KEY")
    assert keys == Keys(source="BYOAWS_KEY", values=values)
    assert ONE not in repr(keys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the key in BYOAWS_KEY is empty"),
        ("  ", "the key in BYOAWS_KEY is empty"),
        ("hushhush", "the key in BYOAWS_KEY is malformed"),
        (ONE[:-1], "the key in BYOAWS_KEY is malformed"),
        (ONE[:-4], "the key in BYOAWS_KEY is malformed"),
        (ONE + "hush", "the key in BYOAWS_KEY is malformed"),
        ("hush" + ONE[:20] + "!!!!" + ONE[24:], "the key in BYOAWS_KEY is malformed"),
        ("ü" * 44, "the key in BYOAWS_KEY is malformed"),
        (f"{ONE},hush", "key 2 of 2 in BYOAWS_KEY is malformed"),
        (f"{ONE},", "key 2 of 2 in BYOAWS_KEY is empty"),
        (f"hush,{ONE}", "key 1 of 2 in BYOAWS_KEY is malformed"),
        (f"{ONE};{TWO}", "the key in BYOAWS_KEY is malformed"),
    ],
)
def test_a_malformed_key_is_refused_and_not_shown(text, said):
    with pytest.raises(StoreError) as caught:
        parse_keys(text, "BYOAWS_KEY")
    assert str(caught.value) == said
    assert "Fernet.generate_key" in caught.value.hint
    shown = caught.value.hint + "".join(traceback.format_exception(caught.value))
    assert "hush" not in shown
    assert ONE[:12] not in shown


def test_a_made_key_file_is_a_private_fernet_key(key_file):
    keys = make_key_file(key_file)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert keys.source == f"key file '{key_file}'"
    Fernet(keys.values[0]).encrypt(b"x")
    assert read_key_file(key_file) == keys
    assert make_key_file(key_file) == keys


def test_every_made_key_is_another(tmp_path):
    assert make_key_file(tmp_path / "a").values != make_key_file(tmp_path / "b").values


def test_no_key_file(key_file):
    assert read_key_file(key_file) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666], ids=oct)
def test_a_key_file_that_others_can_read_or_change_is_refused(tmp_path, mode):
    path = tmp_path / "key"
    path.write_text(ONE)
    path.chmod(mode)
    with pytest.raises(StoreError, match=f"other users \\(mode {mode:04o}\\)") as caught:
        read_key_file(path)
    assert f"chmod 600 '{path}'" in caught.value.hint


def test_a_link_is_judged_by_its_target(tmp_path):
    (tmp_path / "target").write_text(ONE)
    (tmp_path / "target").chmod(0o644)
    (tmp_path / "key").symlink_to(tmp_path / "target")
    with pytest.raises(StoreError, match="other users"):
        read_key_file(tmp_path / "key")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"hush", "is malformed"), (b"\xff\xfe", "it is not text")],
    ids=["empty", "malformed", "binary"],
)
def test_a_key_file_without_a_key(tmp_path, content, said):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match=said) as caught:
        read_key_file(path)
    assert str(path) in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_directory_in_place_of_the_key_file(tmp_path):
    with pytest.raises(StoreError, match="cannot read key file"):
        read_key_file(tmp_path)


def test_a_key_file_of_another_user(open_directory, ordinary_user):
    path = open_directory / "key"
    path.write_text(ONE)
    path.chmod(0o000)
    with ordinary_user(), pytest.raises(StoreError, match=r"cannot read key file .*: Permission denied"):
        read_key_file(path)


def test_a_key_file_that_cannot_be_made(open_directory, ordinary_user):
    sealed = open_directory / "sealed"
    sealed.mkdir(mode=0o500)
    with ordinary_user(), pytest.raises(StoreError, match=r"cannot write key file .*: Permission denied") as caught:
        make_key_file(sealed / "key")
    assert "BYOAWS_KEY" in caught.value.hint
    assert os.listdir(sealed) == []
