"""`byoaws recheck --queue`: leave a run to the workers, and say what it is about."""

import asyncio
import json
from typing import TYPE_CHECKING

from byoaws.commands import options

if TYPE_CHECKING:
    from byoaws.flows.recheck.means import Request
    from byoaws.flows.recheck.queue import Left
    from byoaws.settings import Settings


def leave(settings: "Settings", request: "Request", format_name: str) -> None:
    """Queue it, and print what came of that."""
    from byoaws import factory
    from byoaws.factories import fleet
    from byoaws.factories.queue import queue
    from byoaws.flows.recheck.queue import leave_to_workers

    vendor = factory.vendor(settings).name
    shared = queue(settings, vendor)
    store = fleet.fleet_store(settings)

    async def put() -> "Left":
        async with shared as opened:
            return await leave_to_workers(request, opened, store, vendor, factory.now())

    try:
        left = asyncio.run(put())
    finally:
        store.close()
    _print(left, format_name)


def _print(left: "Left", format_name: str) -> None:
    selected = left.counts.selected
    if format_name == "json":
        told = {"queued": selected, "resumed": left.resumed, "workers": left.workers}
        options.print_result(json.dumps(told, indent=2) + "\n")
        return
    if left.resumed:
        options.note("goes on with a run that is not finished; --fresh begins anew")
    if not left.workers:
        options.warn("no worker runs at present: start one with byoaws worker")
    workers = f"{left.workers} worker{'' if left.workers == 1 else 's'}"
    connections = "1 connection is" if selected == 1 else f"{selected:,} connections are"
    options.print_result(f"{connections} left to {workers if left.workers else 'the workers'}\n")
