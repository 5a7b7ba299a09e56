"""What a vendor file means, and its warnings, for people; made from the JSON that `vendor show` prints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.text import to_text

_WIDEST = 110
_UNSET = "not set"


def card(found: Mapping[str, Any], look: Look) -> str:
    """Return everything about one vendor."""
    origin = Text.assemble((found["title"], "bold"), f"  ({found['name']}, {found['source']})")
    parts: list[RenderableType] = [Text(), origin, Text(), _rows(_facts(found)) or Text()]
    sections: list[tuple[str, RenderableType | None]] = [
        ("What the vendor may do", _permissions(found["permissions"])),
        (f"What somebody could do who holds {_holds(found)}", _list(found["reach"])),
        ("What the stack makes in the customer's account", _rows(_blocks(found["blocks"]))),
        ("What is asked before an account is verified", _rows((p["name"], p["title"]) for p in found["probes"])),
        ("What the vendor stores", _rows((row["data"], row["stored"]) for row in found["privacy"])),
        ("Warnings", _warnings(found["warnings"])),
    ]
    for title, content in sections:
        if content is not None:
            parts += (Text(), Text(title, style="bold"), Padding(content, (0, 0, 0, 2)))
    parts += [Text(), Text("More: " + ", ".join(found["documentation"]), style="dim")]
    return to_text(Group(*parts), _narrow(look))


def warnings(found: Sequence[Mapping[str, str]], look: Look) -> str:
    """Return warnings as a table, with a line of their number at the end."""
    number = f"{len(found)} warning{'s' if len(found) != 1 else ''}" if found else "no warnings"
    shown = _warnings(found)
    return to_text(Group(shown or Text(), Text(number)), _narrow(look)).lstrip("\n")


def listing(rows: Sequence[Mapping[str, str]], look: Look) -> str:
    """Return vendors, a line each."""
    table = _table()
    for row in rows:
        table.add_row(row["name"], Text(row["title"]), Text(row["source"], style="dim"))
    return to_text(table, _narrow(look))


def _narrow(look: Look) -> Look:
    return replace(look, width=min(look.width, _WIDEST))


def _table() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    return table


def _rows(pairs: Iterator[tuple[str, str]]) -> RenderableType | None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", overflow="fold")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(name), Text(value))
    return table if table.row_count else None


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "who gets in", found["who"]
    named = f"named {found['fixed_name']}" if found["fixed_name"] else "CloudFormation names it"
    yield found["access"], f"{named}, path {found['role_path']}"
    if found["external_id"]:
        made = found["external_id"]
        after = f" after '{made['prefix']}'" if made["prefix"] else ""
        yield (
            "ExternalId",
            f"{made['bits']} random bits{after}, {made['length']} characters, another for each connection",
        )
    if found["session"]:
        yield "session", f"{found['session']['name']}, {found['session']['duration']} seconds"
    yield "stack", f"{found['stack']}; the customer ticks {', '.join(found['capabilities']) or 'nothing'}"
    if found["parameters"]:
        yield "parameters", ", ".join(found["parameters"])
    yield "template", found["template_url"] or "published nowhere yet"
    yield from _mail(found)
    for name, url in found["webhooks"].items():
        if url:
            yield f"webhook, {name}", url
    if found["inline_limit"] is not None:
        yield "mail posted", _inline(found["inline_limit"])
    if found["webhook_secret"]:
        yield "webhook secret", f"{found['webhook_secret']}: {found['secret_cost']}"


def _mail(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if found["inbound"]:
        how = {"receipt-rules": "a receipt rule in the active rule set", "mail-manager": "Mail Manager"}
        yield "mail comes in by", how[found["inbound"]]
    for kind, named in (found["pipeline"] or {}).items():
        if named:
            yield kind.replace("_", " "), ", ".join(named)
    for name, value in (found["dns"] or {}).items():
        yield f"DNS, {name.replace('_', ' ')}", value


def _inline(limit: int) -> str:
    if limit == 0:
        return "where it lies in the bucket alone: not a byte of any message"
    return f"whole up to {limit:,} bytes, larger by its place in the bucket"


def _permissions(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    parts: list[RenderableType] = []
    for (pack, own, on, condition), group in groupby(
        found, key=lambda one: (one["pack"], one["own"], tuple(one["on"]), one["condition"])
    ):
        parts.append(Text.assemble((pack, "bold"), " (a pack of its own)" if own else ""))
        lines = [*((one["action"], one["reason"]) for one in group), *(("on", place) for place in on)]
        if condition:
            lines.append(("where", condition))
        parts.append(Padding(_rows(iter(lines)) or Text(), (0, 0, 0, 2)))
    return Group(*parts)


def _holds(found: Mapping[str, Any]) -> str:
    return "the keys" if found["access"] == "user" else f"{found['title']}'s AWS account"


def _list(items: Sequence[str]) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in items:
        table.add_row("-", Text(item))
    return table


def _blocks(found: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str]]:
    for block, types in found.items():
        yield block, ", ".join(f"{count} {kind.removeprefix('AWS::')}" for kind, count in types.items())


def _warnings(found: Sequence[Mapping[str, str]]) -> RenderableType | None:
    table = _table()
    for one in found:
        text = Text.assemble(one["summary"], "\n", (f"do: {one['fix']}", "dim"))
        table.add_row(Text(one["code"], style="yellow"), one["name"], text)
    return table if found else None
