"""How an account's standing with SES is shown."""

import shutil

import click

from byoaws.commands import options
from byoaws.flows.production_access.standing import Standing, State

_COLORS = {
    Standing.GRANTED: "green",
    Standing.PENDING: "yellow",
    Standing.SANDBOX: "yellow",
    Standing.UNKNOWN: "magenta",
}


def as_text(state: State) -> str:
    """Return the standing, what it means, and SES's limits, as text for the terminal."""
    color = _COLORS.get(state.standing, "red")
    rows = {
        "account": f"{state.account_id}, {state.region}",
        "standing": f"{click.style(state.standing.value.upper(), fg=color, bold=True)}  {state.meaning}",
        "do": state.todo,
        "case": state.ses.review_case_id or "",
        "sending": _switch(state.ses.sending_enabled),
        "health": state.ses.enforcement_status or "not known",
        "limits": _limits(state),
    }
    width = min(max(60, shutil.get_terminal_size().columns), 110)
    gap = " " * 10
    lines = (
        click.wrap_text(value, width=width, initial_indent=f"{name:<10}", subsequent_indent=gap)
        for name, value in rows.items()
        if value
    )
    text = "\n".join(lines) + "\n"
    return text if options.color_on() else click.unstyle(text)


def _switch(on: bool | None) -> str:
    return "not known" if on is None else "on" if on else "off"


def _limits(state: State) -> str:
    ses = state.ses
    if ses.max_24_hour_send is None or ses.max_send_rate is None:
        return "not known"
    daily = "no daily limit" if ses.max_24_hour_send < 0 else f"{ses.max_24_hour_send:,.0f} e-mails in 24 hours"
    sent = "" if ses.sent_last_24_hours is None else f"; {ses.sent_last_24_hours:,.0f} sent in the last 24 hours"
    return f"{daily}, {ses.max_send_rate:,.0f} a second{sent}"
