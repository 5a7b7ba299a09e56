"""Archived messages for people. Senders write what they like: what is not printable is escaped."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from byoaws.formats.interface import Look
from byoaws.formats.text import to_text
from byoaws.mail_manager.port import ArchivedMessage
from byoaws.vendors.words import plain

_LONGEST = 300
"""Characters of a header."""


def table(messages: Sequence[ArchivedMessage], look: Look) -> str:
    """One line per message, newest as AWS orders them."""
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    shown.add_column("Received, UTC", no_wrap=True)
    shown.add_column("From", overflow="fold", ratio=3)
    shown.add_column("To", overflow="fold", ratio=3)
    shown.add_column("Subject", overflow="fold", ratio=5)
    shown.add_column("Att.", no_wrap=True)
    for message in messages:
        shown.add_row(
            message.received.strftime("%Y-%m-%d %H:%M") if message.received else "-",
            _cell(message.sender or message.envelope_sender),
            _cell(message.recipients or ", ".join(message.envelope_recipients)),
            _cell(message.subject),
            "?" if message.has_attachments is None else "yes" if message.has_attachments else "no",
        )
    return to_text(shown, look)


def _cell(text: str) -> Text:
    return Text(plain(text, _LONGEST) or "-")
