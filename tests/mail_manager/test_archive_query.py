"""What people type to find messages, and what the API is asked; held against botocore's model."""

from datetime import UTC, datetime, timedelta, timezone

import botocore.session
import pytest

from byoaws.errors import UsageError
from byoaws.fakeaws.mail_manager.model import mistakes
from byoaws.mail_manager.archive_query import ATTRIBUTES, destination, filters, moment, span

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = botocore.session.get_session().get_service_model("mailmanager")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21T09:30", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("2026-11-21T09:30Z", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("2026-11-21T09:30+01:00", datetime(2026, 11, 21, 9, 30, tzinfo=timezone(timedelta(hours=1)))),
        ("36h", NOW - timedelta(hours=36)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
    ],
)
def test_a_moment(text: str, expected: datetime) -> None:
    assert moment(text, NOW, "--since") == expected


@pytest.mark.parametrize("text", ["", "yesterday", "7", "0d", "-7d", "7D", "2026-13-01", "999999d", "\x1b[31m", "1e3d"])
def test_no_moment(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        moment(text, NOW, "--since")
    assert str(refused.value).isprintable()


def test_a_time_has_two_ends() -> None:
    assert span("1d", None, NOW) == (NOW - timedelta(days=1), NOW)
    with pytest.raises(UsageError, match="not before"):
        span("1d", "2d", NOW)


def test_filters_are_what_the_model_takes() -> None:
    made = filters({name: ["x"] * 10 for name in ATTRIBUTES}, {"subject": ["spam"]}, True)
    assert mistakes(made, MODEL.shape_for("ArchiveFilters")) == []
    assert set(ATTRIBUTES.values()) == set(MODEL.shape_for("ArchiveStringEmailAttribute").enum)
    assert filters({"sender": []}, {}, None) == {}


@pytest.mark.parametrize("texts", [["x"] * 11, [""], [" "], ["x" * 1001]])
def test_texts_that_are_too_many_or_none(texts: list[str]) -> None:
    with pytest.raises(UsageError):
        filters({"sender": texts}, {}, None)


@pytest.mark.parametrize("place", ["s3://my-bucket", "s3://my-bucket/", "s3://my.bucket-1/a/b_c/(d)"])
def test_a_place_that_aws_takes(place: str) -> None:
    assert destination(place) == place
    assert mistakes(place, MODEL.shape_for("S3Location")) == []


@pytest.mark.parametrize(
    "place", ["", "my-bucket", "s3://", "s3://a", "http://x/y", "s3://my-bucket/a b", "s3://b\x1b[31m/x"]
)
def test_a_place_that_aws_does_not_take(place: str) -> None:
    with pytest.raises(UsageError) as refused:
        destination(place)
    assert str(refused.value).isprintable()
