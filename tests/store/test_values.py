from datetime import UTC, datetime, timedelta, timezone

import pytest

from byoaws.errors import UsageError
from byoaws.store.values import MAX_INDEXED, require_text, to_utc


@pytest.mark.parametrize("text", ["", "a", "\n", "é", "🜁", "\ufffe", "x" * 5000], ids=repr)
def test_text_that_can_be_kept(text):
    require_text(text, "it")


@pytest.mark.parametrize(
    ("text", "said"),
    [("\0", "NUL"), ("a\0", "NUL"), ("\ud800", "Unicode"), ("\udfff!", "Unicode")],
    ids=["nul", "nul-at-end", "high-surrogate", "low-surrogate"],
)
def test_text_that_cannot(text, said):
    with pytest.raises(UsageError, match=f"^it .*{said}"):
        require_text(text, "it")


def test_the_limit_counts_bytes():
    require_text("é" * (MAX_INDEXED // 2), "it", indexed=True)
    require_text("é" * MAX_INDEXED, "it")
    with pytest.raises(UsageError, match=f"{MAX_INDEXED + 1} bytes"):
        require_text("é" * (MAX_INDEXED // 2) + "x", "it", indexed=True)


def test_times_become_utc():
    east = datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2)))
    assert to_utc(east, "it") == east
    assert to_utc(east, "it").isoformat() == "2025-12-31T23:02:03.000004+00:00"


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (datetime(2026, 1, 1), "no time zone"),  # noqa: DTZ001  the attack
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), "out of range"),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))), "out of range"),
    ],
    ids=["naive", "too-early", "too-late"],
)
def test_times_that_cannot_be_kept(time, said):
    with pytest.raises(UsageError, match=said):
        to_utc(time, "it")


@pytest.mark.parametrize(
    "extreme", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)], ids=["first", "last"]
)
def test_the_extremes_are_kept_by_every_database(store, make_connection, extreme):
    connection = make_connection(created_at=extreme, checked_at=extreme)
    store.add(connection)
    assert store.get(connection.id) == connection
