"""`byoaws recheck --all`, telling at the end what of its processor time went into recording: `recording`, `cpu`.

Imports and the first claim are left out of both.
"""

import json
import sys
import threading
import time

from byoaws.cli import main
from byoaws.store.fleet import SqlFleet

_lock = threading.Lock()
_spent = {"recording": 0.0, "before": 0.0}


def _measure() -> None:
    claim, record = SqlFleet.claim_due, SqlFleet.record_many

    def first_claim(self, *arguments, **named):  # type: ignore[no-untyped-def]
        found = claim(self, *arguments, **named)
        _spent["before"] = _spent["before"] or time.process_time()
        return found

    def recorded(self, *arguments):  # type: ignore[no-untyped-def]
        began = time.thread_time()
        try:
            return record(self, *arguments)
        finally:
            with _lock:
                _spent["recording"] += time.thread_time() - began

    SqlFleet.claim_due, SqlFleet.record_many = first_claim, recorded  # type: ignore[method-assign]


if __name__ == "__main__":
    _measure()
    try:
        sys.exit(main())
    finally:
        cpu = time.process_time() - _spent["before"]
        print(json.dumps({"recording": _spent["recording"], "cpu": cpu}), file=sys.stderr)
