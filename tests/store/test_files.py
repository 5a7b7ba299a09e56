import os
import stat

import pytest

from byoaws.store.files import private_directory, publish


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_every_missing_directory_is_private(tmp_path, umask):
    tmp_path.chmod(0o755)
    private_directory(tmp_path / "a" / "b")
    assert [mode(path) for path in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [0o755, 0o700, 0o700]


def test_what_is_there_is_left_alone(tmp_path):
    tmp_path.chmod(0o750)
    private_directory(tmp_path)
    assert mode(tmp_path) == 0o750


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        private_directory(tmp_path / "a")


def test_a_published_file_is_private_and_whole(tmp_path, umask):
    assert publish(tmp_path / "x", lambda path: path.write_text("all of it") and None)
    assert mode(tmp_path / "x") == 0o600
    assert (tmp_path / "x").read_text() == "all of it"
    assert os.listdir(tmp_path) == ["x"]


def test_the_first_one_wins(tmp_path):
    def slow(path):
        # Somebody else publishes while we still write.
        assert publish(tmp_path / "x", lambda other: other.write_text("first") and None)
        path.write_text("second")

    assert not publish(tmp_path / "x", slow)
    assert (tmp_path / "x").read_text() == "first"
    assert os.listdir(tmp_path) == ["x"]


def test_nothing_is_left_of_a_failure(tmp_path):
    def fail(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        publish(tmp_path / "x", fail)
    assert os.listdir(tmp_path) == []
