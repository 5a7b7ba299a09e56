"""The capability matrix: pure, by one table, and a yes only where every probe that it rests on said so."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byoaws.model import Ability, Capability, ProbeResult, Status
from byoaws.packs import Grant, Pack, PackStatement
from byoaws.registry import BLOCKS, PROBES
from byoaws.vendor_model import Access
from byoaws.vendors.file import load_vendor
from byoaws.vendors.names import REQUIRED_OF
from byoaws.verify.capabilities import ROWS, Need, Row, capabilities, harmless

P, W, F, S, U = Status.PASS, Status.WARN, Status.FAIL, Status.SKIP, Status.UNKNOWN
YES, NO, UNKNOWN, NOT_OFFERED = Ability.YES, Ability.NO, Ability.UNKNOWN, Ability.NOT_OFFERED

MAILMARK = load_vendor("mailmark", {"MAILMARK_AWS_ACCOUNT_ID": "111122223333"})
SENDFLEET = load_vendor("sendfleet", {"SENDFLEET_AWS_ACCOUNT_ID": "111122223333"})
SELFMX = load_vendor("selfmx", {})
NOBODYS = replace(MAILMARK, packs=("self-read",), stack=replace(MAILMARK.stack, blocks=("access",)))


def _result(name, status=P, **evidence):
    return ProbeResult(code=PROBES.load(name).code, name=name, status=status, summary="x", evidence=evidence)


def _all(vendor, **changes):
    """Every probe of the vendor passed, but for `changes`."""
    given = {name.replace("_", "-"): status for name, status in changes.items()}
    return [_result(name, given.get(name, P)) for name in vendor.probes]


def _send(results, vendor=MAILMARK):
    return next(item for item in capabilities(results, vendor) if item.name == "send")


# --- the table itself ---


def test_the_five():
    assert [row.name for row in ROWS] == ["send", "identities", "events", "inbound", "archive"]


def test_the_table_names_probes_that_there_are():
    assert {need.probe for row in ROWS for way in row.ways for need in way} <= set(PROBES.builtins)
    assert {"notifications", "inbound"} <= set(BLOCKS.builtins)


# --- send ---

SEND = {
    "all passed": ({}, YES, "ses-account"),
    "role does not open": ({"assume_role": F}, NO, "assume-role"),
    "another's session": ({"caller_identity": F}, NO, "caller-identity"),
    "role was not asked": ({"assume_role": U}, UNKNOWN, "assume-role"),
    "ses says no": ({"ses_account": F}, NO, "ses-account"),
    "ses did not say": ({"ses_account": U}, UNKNOWN, "ses-account"),
    "ses was not asked": ({"ses_account": S}, UNKNOWN, "ses-account"),
    "under review": ({"ses_account": W}, YES, "ses-account"),
    "a no wins over what could not be told": ({"assume_role": U, "ses_account": F}, NO, "ses-account"),
    "others' doors are another matter": ({"trust_policy": F, "external_id_required": F}, YES, "ses-account"),
}


@pytest.mark.parametrize(("changes", "ability", "probe"), SEND.values(), ids=SEND)
def test_send(changes, ability, probe):
    found = _send(_all(MAILMARK, **changes))
    assert found == Capability(name="send", ability=ability, code=PROBES.load(probe).code, probe=probe)


def test_in_the_sandbox_it_cannot_send():
    """The account is connected, and its mail reaches nobody but who was verified: no yes to build on."""
    results = [*_all(MAILMARK)[:-1], _result("ses-account", W, sandbox=True)]
    assert _send(results).ability is NO


@pytest.mark.parametrize("sandbox", [None, "true", 1])
def test_an_odd_word_of_the_sandbox_is_not_made_up_into_one(sandbox):
    results = [*_all(MAILMARK)[:-1], _result("ses-account", W, sandbox=sandbox)]
    assert _send(results).ability is YES


def test_by_the_v1_api_both_are_needed():
    assert _send(_all(SENDFLEET), SENDFLEET) == Capability(
        name="send", ability=YES, code="V303", probe="ses-send-quota"
    )
    for name in ("ses_sending_enabled", "ses_send_quota"):
        assert _send(_all(SENDFLEET, **{name: F}), SENDFLEET).ability is NO
        assert _send(_all(SENDFLEET, **{name: U}), SENDFLEET).ability is UNKNOWN
        assert _send(_all(SENDFLEET, **{name: W}), SENDFLEET).ability is UNKNOWN
        left_out = [result for result in _all(SENDFLEET) if result.name != name.replace("_", "-")]
        assert _send(left_out, SENDFLEET) == Capability(name="send", ability=UNKNOWN)


def test_by_keys_they_are_what_it_rests_on():
    assert _send(_all(SELFMX), SELFMX).ability is YES
    assert _send(_all(SELFMX, key_permissions=F), SELFMX) == Capability(
        name="send", ability=NO, code="V403", probe="key-permissions"
    )
    assert _send(_all(SELFMX, key_lifetime=W), SELFMX).ability is YES


def test_both_ways_asked_both_count():
    both = [*_all(MAILMARK), _result("ses-sending-enabled", F), _result("ses-send-quota")]
    assert _send(both) == Capability(name="send", ability=NO, code="V302", probe="ses-sending-enabled")


def test_what_was_skipped_names_what_it_was_skipped_for():
    results = [
        _result("role-arn"),
        _result("vendor-identity", U),
        _result("assume-role", S, needs="vendor-identity"),
        _result("caller-identity", S, needs="assume-role"),
        _result("ses-account", S, needs="assume-role"),
    ]
    assert _send(results) == Capability(name="send", ability=UNKNOWN, code="V102", probe="vendor-identity")


def test_skipped_for_what_nobody_asked():
    assert _send([_result("assume-role", S, needs="of-nobody")]).probe == "assume-role"


TRIED = {
    "not asked": ((), YES, YES),
    "all came back": ((_result("send"),), YES, YES),
    "no event came": ((_result("send", F, accepted=True),), YES, NO),
    "SES took nothing": ((_result("send", F, accepted=False),), NO, NO),
    "nobody to send from": ((_result("send", F),), NO, NO),
    "accepted, as text": ((_result("send", F, accepted="True"),), NO, NO),
    "could not tell": ((_result("send", U),), UNKNOWN, UNKNOWN),
    "not asked for others' sake": ((_result("send", S, needs="stack"),), UNKNOWN, UNKNOWN),
}


@pytest.mark.parametrize(("tried", "sends", "events"), TRIED.values(), ids=TRIED)
def test_what_a_trial_of_sending_adds(tried, sends, events):
    results = [*_all(MAILMARK), _result("events"), *tried]
    found = {one.name: one.ability for one in capabilities(results, MAILMARK)}
    assert (found["send"], found["events"]) == (sends, events)


def test_a_trial_of_sending_shows_nothing_by_itself():
    found = {one.name: one for one in capabilities([*_all(MAILMARK), _result("send")], MAILMARK)}
    assert (found["send"].probe, found["events"].ability) == ("ses-account", UNKNOWN)
    alone = [one for one in _all(MAILMARK) if one.name != "ses-account"]
    assert _send([*alone, _result("send")]).ability is UNKNOWN


# --- what rests on one probe each ---

ALONE = {"identities": "identities", "events": "events", "inbound": "inbound", "archive": "bucket"}
LOOKS = replace(MAILMARK, probes=(*MAILMARK.probes, "identities", "bucket", "events", "inbound"))


def _of(name, **changes):
    return next(item for item in capabilities(_all(LOOKS, **changes), LOOKS) if item.name == name)


@pytest.mark.parametrize(("name", "probe"), ALONE.items(), ids=ALONE)
def test_what_one_probe_says(name, probe):
    code = PROBES.load(probe).code
    assert _of(name) == Capability(name=name, ability=YES, code=code, probe=probe)
    for status, ability in ((F, NO), (U, UNKNOWN)):
        assert _of(name, **{probe: status}) == Capability(name=name, ability=ability, code=code, probe=probe)
    assert _of(name, assume_role=F).ability is NO
    unasked = next(item for item in capabilities(_all(MAILMARK), MAILMARK) if item.name == name)
    assert unasked == Capability(name=name, ability=UNKNOWN)


@pytest.mark.parametrize(
    ("name", "ability"), [("identities", YES), ("events", UNKNOWN), ("inbound", YES), ("archive", YES)]
)
def test_what_a_warning_of_it_means(name, ability):
    """Domains that do not work, and messages that wait for our webhook, take nothing from what can be done."""
    assert _of(name, **{ALONE[name]: W}).ability is ability


def test_mail_that_goes_away_by_itself_is_no_archive():
    results = [one for one in _all(LOOKS) if one.name != "bucket"]
    for expires, ability in ((True, NO), (False, YES)):
        found = capabilities([*results, _result("bucket", W, expires=expires)], LOOKS)
        assert next(item for item in found if item.name == "archive").ability is ability


# --- what the vendor uses ---


@pytest.mark.parametrize(
    ("vendor", "used"),
    [
        (MAILMARK, {"send", "identities", "events", "inbound", "archive"}),
        (SENDFLEET, {"send", "identities"}),
        (SELFMX, {"send", "identities"}),
        (NOBODYS, set()),
    ],
    ids=["mailmark", "sendfleet", "selfmx", "nobody's"],
)
def test_not_offered_is_what_the_vendor_does_not_use(vendor, used):
    found = capabilities(_all(vendor), vendor)
    assert {item.name for item in found if item.ability is not NOT_OFFERED} == used
    assert [(item.code, item.probe) for item in found if item.ability is NOT_OFFERED] == [("", "")] * (5 - len(used))


def test_actions_of_a_pack_of_its_own_count():
    statement = PackStatement(
        sid="Mine",
        grants=(Grant(action="ses:SendEmail", reason="x"),),
        resources=("*",),
        condition={"Bool": {"a": "b"}},
    )
    own = replace(NOBODYS, packs=("mine",), own_packs=(Pack(name="mine", title="x", statements=(statement,)),))
    assert _send(_all(own), own).ability is YES


# --- any row, and any results ---

NAMES = ("assume-role", "caller-identity", "ses-account", "ses-sending-enabled", "ses-send-quota")
RESULTS = st.lists(
    st.builds(_result, st.sampled_from(NAMES), st.sampled_from([P, P, P, *Status])),
    unique_by=lambda result: result.name,
)


@given(RESULTS, st.randoms(use_true_random=False))
def test_a_yes_rests_on_every_probe(results, random):
    ability = _send(results).ability
    status = {result.name: result.status for result in results}
    access = {status.get(name) for name in ("assume-role", "caller-identity")} == {P}
    v2, v1 = [status.get(NAMES[2])], [status.get(name) for name in NAMES[3:]]
    shown = None not in v2 or None not in v1
    against = {F, S, U} & {status[name] for name in NAMES if name in status} or W in v1
    assert (ability is YES) == bool(access and shown and not against)
    assert (ability is NO) == (F in status.values())
    shuffled = list(results)
    random.shuffle(shuffled)
    assert _send(shuffled).ability is ability


@pytest.mark.parametrize(
    ("need", "ability"),
    [(Need(probe="trust-policy"), UNKNOWN), (Need(probe="trust-policy", warns=harmless), YES)],
    ids=["unless told otherwise", "harmless"],
)
def test_a_warning_is_a_yes_only_where_the_table_says_so(need, ability):
    row = Row(name="x", offered=lambda vendor: True, ways=((need,),))
    (found,) = capabilities(_all(MAILMARK, trust_policy=W), MAILMARK, [row])
    assert found.ability is ability


def test_a_row_without_a_probe_cannot_be_told():
    row = Row(name="x", offered=lambda vendor: True, ways=())
    assert capabilities(_all(MAILMARK), MAILMARK, [row]) == (Capability(name="x", ability=UNKNOWN),)


@pytest.mark.parametrize("access", Access)
def test_what_access_rests_on_is_required_of_every_vendor(access):
    from byoaws.verify.capabilities import _ACCESS

    assert {need.probe for need in _ACCESS[access]} <= set(REQUIRED_OF[access])


# --- in the report ---


def test_the_report_has_them(scene):
    report = scene.run()
    assert report.capabilities == capabilities(report.probes, scene.vendor)
    assert report.capabilities[0] == Capability(name="send", ability=YES, code="V301", probe="ses-account")
