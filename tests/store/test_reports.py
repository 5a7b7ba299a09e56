import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byoaws.errors import StoreError, UsageError
from byoaws.model import Ability, Capability, ProbeResult, Status, Verdict, VerificationReport
from byoaws.store.reports import dump, load

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)
PROBES = st.builds(
    ProbeResult,
    code=TEXT,
    name=TEXT,
    status=st.sampled_from(Status),
    summary=TEXT,
    causes=st.lists(TEXT).map(tuple),
    fix=TEXT,
    evidence=st.dictionaries(TEXT, JSON),
    opens_for_others=st.booleans(),
)
CAPABILITIES = st.builds(Capability, name=TEXT, ability=st.sampled_from(Ability), code=TEXT, probe=TEXT)
REPORTS = st.builds(
    VerificationReport,
    verdict=st.sampled_from(Verdict),
    role_arn=TEXT,
    account_id=st.none() | TEXT,
    region=TEXT,
    vendor=TEXT,
    sandbox=st.none() | st.booleans(),
    checked_at=st.datetimes(timezones=st.just(UTC)),
    probes=st.lists(PROBES, max_size=3).map(tuple),
    capabilities=st.lists(CAPABILITIES, max_size=2).map(tuple),
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(report=REPORTS)
def test_any_report_comes_back_as_it_was(report):
    text = dump(report)
    assert text.isascii()
    assert "\0" not in text
    assert load(text) == report


def test_what_was_written_before_capabilities_is_read(make_report):
    report = make_report()
    document = json.loads(dump(report))
    del document["capabilities"]
    assert load(json.dumps({**document, "format": 1})) == replace(report, capabilities=())


def test_what_aws_might_say_is_kept_by_every_database(store, make_connection, make_report):
    connection = make_connection()
    store.add(connection)
    probe = ProbeResult(code="V1", name="x", status=Status.UNKNOWN, summary="\0 \ud800", evidence={"\0": "\udfff"})
    report = make_report(probes=(probe,))
    store.record(connection, report)
    assert store.last_report(connection.id) == report


@pytest.mark.parametrize(
    "evidence",
    [{"x": float("nan")}, {"x": float("inf")}, {"x": datetime(2026, 1, 1, tzinfo=UTC)}, {"x": {1, 2}}],
    ids=["nan", "infinity", "time", "set"],
)
def test_evidence_must_be_json(make_report, evidence):
    probe = ProbeResult(code="V1", name="x", status=Status.PASS, summary="", evidence=evidence)
    with pytest.raises(UsageError, match="evidence is not JSON"):
        dump(make_report(probes=(probe,)))


def test_a_time_without_zone_is_refused(make_report):
    with pytest.raises(UsageError, match="checked_at has no time zone"):
        dump(make_report(checked_at=datetime(2026, 1, 1)))  # noqa: DTZ001  the attack


def set_at(document, path, value):
    *way, last = path
    for step in way:
        document = document[step]
    if value is KeyError:
        del document[last]
    else:
        document[last] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["format"], 3, "format is 3, not 2"),
        (["format"], True, "format is True, not 2"),
        (["format"], "2", "format is '2', not 2"),
        (["format"], [], "format is [], not 2"),
        (["format"], KeyError, "format is None"),
        (["format"], 1, "report.capabilities is unknown"),
        (["capabilities"], KeyError, "report.capabilities is missing"),
        (["capabilities"], {}, "report.capabilities is not a list"),
        (["capabilities"], [{}], "report.capabilities[0].ability is missing"),
        (
            ["capabilities"],
            [{"name": "send", "ability": "maybe", "code": "", "probe": ""}],
            "report.capabilities[0].ability is none of yes, no, unknown, not-offered",
        ),
        (["verdict"], "splendid", "report.verdict is none of verified, insecure, failed, unknown"),
        (["verdict"], None, "report.verdict is not text"),
        (["sandbox"], 1, "report.sandbox is not true or false"),
        (["account_id"], 1, "report.account_id is not text"),
        (["role_arn"], None, "report.role_arn is not text"),
        (["region"], KeyError, "report.region is missing"),
        (["surprise"], 1, "report.surprise is unknown"),
        (["checked_at"], "2026-01-01T00:00:00", "report.checked_at is not a time with a zone"),
        (["checked_at"], "yesterday", "report.checked_at is not a time with a zone"),
        (["probes"], {}, "report.probes is not a list"),
        (["probes", 0], "x", "report.probes[0] is not an object"),
        (["probes", 0, "status"], "pass", "report.probes[0].status is none of PASS"),
        (["probes", 0, "opens_for_others"], "no", "report.probes[0].opens_for_others is not true or false"),
        (["probes", 0, "causes"], [1], "report.probes[0].causes[0] is not text"),
        (["probes", 0, "evidence"], [], "report.probes[0].evidence is not an object"),
        (["probes", 0, "fix"], KeyError, "report.probes[0].fix is missing"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, list) else None,
)
def test_reading_is_strict(make_report, path, value, said):
    document = json.loads(dump(make_report()))
    set_at(document, path, value)
    with pytest.raises(StoreError) as caught:
        load(json.dumps(document))
    assert f"cannot be read: {said}" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '"x"', '{"format":1,"x":NaN}', "[" * 100_000], ids=lambda text: text[:20] or "empty"
)
def test_what_is_no_report_at_all(text):
    with pytest.raises(StoreError, match="a stored report cannot be read"):
        load(text)
