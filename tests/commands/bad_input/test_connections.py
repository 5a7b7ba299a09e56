"""`byoaws connections`, asked wrongly."""

from collections.abc import Callable
from typing import Any

import pytest

CASES: dict[str, dict[str, Any]] = {
    "connection-unknown": {"args": "connections show con_none", "words": ("no connection 'con_none'", "connections")},
    "connection-unknown-disconnect": {
        "args": "connections disconnect con_none --yes",
        "words": ("no connection 'con_",),
    },
    "connection-unknown-upgrade": {"args": "connections upgrade con_none", "words": ("no connection 'con_none'",)},
    "connection-unknown-drift": {"args": "connections drift con_none", "words": ("no connection 'con_none'",)},
    "drift-never-verified": {"args": "connections drift {connection}", "words": ("has no role ARN yet",)},
    "new-link-unknown": {"args": "connections new-link con_none", "words": ("no connection 'con_none'",)},
    "new-link-no-id": {"args": "connections new-link", "words": ("missing argument 'ID'",)},
    "new-link-hours": {
        "args": "connections new-link {connection} --registration-hours 169",
        "words": ("169 is not in the range 1<=x<=168",),
    },
    "new-link-other-vendor": {
        "args": "connections new-link {connection} --vendor sendfleet",
        "words": ("belongs to vendor 'mailmark'",),
    },
    "rotate-external-id-unknown": {
        "args": "connections rotate-external-id con_none",
        "words": ("no connection 'con_",),
    },
    "rotate-external-id-unverified": {
        "args": "connections rotate-external-id {connection}",
        "words": ("was never verified", "byoaws verify ROLE_ARN"),
    },
    "rotate-external-id-handed-in": {
        "args": "connections rotate-external-id {connection} --external-id chosen",
        "words": ("no such option '--external-id'",),
    },
    "rotate-external-id-two": {
        "args": "connections rotate-external-id {connection} chosen",
        "words": ("unexpected extra argument",),
    },
    "rotate-external-id-other-vendor": {
        "args": "connections rotate-external-id {connection} --vendor sendfleet",
        "words": ("belongs to vendor 'mailmark'",),
    },
    "rotate-external-id-nothing-to-cancel": {
        "args": "connections rotate-external-id {connection} --cancel",
        "words": ("is pending; its ExternalId is", "begins"),
    },
    "rotate-external-id-cancel-unknown": {
        "args": "connections rotate-external-id con_none --cancel",
        "words": ("no connection 'con_none'",),
    },
    "settle-unknown": {"args": "connections settle con_none", "words": ("no connection 'con_none'",)},
    "settle-empty": {"args": "connections settle ''", "words": ("it is empty; is a shell variable not set?",)},
    "settle-two": {"args": "connections settle {connection} {connection}", "words": ("unexpected extra argument",)},
    "settle-nothing-said": {
        "args": "connections settle {connection}",
        "words": ("has reported itself", "byoaws verify ROLE_ARN --connection"),
    },
    "settle-other-vendor": {
        "args": "connections settle {connection} --vendor sendfleet",
        "words": ("belongs to vendor 'mailmark'",),
    },
    "rotate-secret-unknown": {"args": "connections rotate-secret con_none", "words": ("no connection 'con_none'",)},
    "rotate-secret-nothing-to-finish": {
        "args": "connections rotate-secret {connection} --finish",
        "words": ("no exchange", "begins one"),
    },
    "rotate-secret-other-vendor": {
        "args": "connections rotate-secret {connection} --vendor sendfleet",
        "words": ("belongs to vendor 'mailmark'",),
    },
    **{
        f"rotate-secret-overlap-{value}": {
            "args": f"connections rotate-secret {{connection}} --overlap {value}",
            "words": ("it is not 10m to 30d",),
        }
        for value in ("9m", "31d", "24", "-1h", "1.5h", "0h", "99999d", "\u0662h", "''")
    },
    "rotate-secret-out-is-there": {
        "args": "connections rotate-secret {connection} --out f",
        "files": {"f": b"mine"},
        "words": ("'f' is there already",),
    },
    "disconnect-unanswered": {
        "args": "connections disconnect {connection}",
        "words": ("standard input has no answer", "--help"),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_message_and_nothing_done(case: dict[str, Any], refused: Callable[..., None]) -> None:
    refused(**case)
