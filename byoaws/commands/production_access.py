"""`byoaws production-access`: leave the SES sandbox: where an account stands, and the request to AWS."""

import json
from typing import TYPE_CHECKING, Any

import click

from byoaws.commands import options
from byoaws.commands.groups import Group
from byoaws.commands.whose import Whose, whose_options

if TYPE_CHECKING:
    from byoaws.flows.production_access.request import Outcome, Proposal
    from byoaws.flows.production_access.use_case import Answers

_QUESTIONS = {
    "domain": "Domain that mail is sent from",
    "website": "Website, https",
    "mail_type": "Kind of mail, transactional or marketing",
    "volume": "E-mails a day, at most",
    "mails": "What is sent, to whom and why",
    "recipients": "Where the addresses come from, and how recipients agreed",
    "bounces": "What happens with bounces and complaints",
    "unsubscribe": "How recipients unsubscribe",
}


@click.group("production-access", cls=Group)
def production_access() -> None:
    """Leave the SES sandbox: where an account stands, and the request to AWS."""


@production_access.command()
@whose_options
@options.format_option("text", "json")
def status(whose: Whose, format_name: str) -> None:
    """Show whether SES is out of the sandbox, and what a review came to. Calls sesv2 GetAccount.

    Exit codes: 0 granted, 1 not, 3 could not tell.
    """
    from byoaws.flows.production_access.standing import Standing, state_of

    aws, region = whose.open()
    state = state_of(aws, region)
    if format_name == "json":
        options.print_result(json.dumps(state.as_json(), indent=2) + "\n")
    else:
        from byoaws.commands.standings import as_text

        options.print_result(as_text(state))
    codes = {Standing.GRANTED: 0, Standing.UNKNOWN: 3}
    raise SystemExit(codes.get(state.standing, 1))


@production_access.command()
@click.option("--domain", metavar="D", help="Domain that mail is sent from, verified in SES.")
@click.option("--website", metavar="URL", help="https URL of the website that says who sends.")
@click.option("--mail-type", type=click.Choice(["transactional", "marketing"]), help="Kind of mail.")
@click.option("--volume", metavar="N", type=int, help="E-mails a day, at most.")
@click.option("--mails", metavar="TEXT", help="What is sent, to whom and why.")
@click.option("--recipients", metavar="TEXT", help="Where the addresses come from, and how recipients agreed.")
@click.option("--bounces", metavar="TEXT", help="What happens with bounces and complaints.")
@click.option("--unsubscribe", metavar="TEXT", help="How recipients unsubscribe.")
@click.option("--contact", "contacts", metavar="MAIL", multiple=True, help="AWS writes here as well; up to four times.")
@click.option("--dns-server", metavar="HOST:PORT", callback=options.not_empty, help="Ask this name server.")
@click.option("--ignore-failed", is_flag=True, help="Send although a prerequisite failed.")
@click.option("--yes", is_flag=True, help="Do not ask before sending. Needed where there is no terminal.")
@whose_options
@options.format_option("text", "json")
def request(
    whose: Whose, dns_server: str | None, ignore_failed: bool, yes: bool, format_name: str, **given: Any
) -> None:
    """Ask AWS for production access. Shows what it would send, and sends nothing without a yes.

    What is not given by an option is asked on the terminal; AWS reads the answers, so they are in English. Exit codes:
    0 sent or granted already, 1 not sent, 3 could not tell.
    """
    from byoaws.flows.production_access.use_case import draft

    answers = _answers(given)
    draft(answers)  # before anything is opened or asked
    from byoaws import factory
    from byoaws.flows.production_access import request as flow

    resolver = factory.resolver(dns_server)
    aws, region = whose.open()
    proposal = flow.propose(answers, aws, region, resolver, factory.websites(resolver))
    if format_name == "text":
        _show(proposal)
    outcome = flow.verdict(proposal, ignore_failed=ignore_failed)
    if outcome is None:
        agreed = yes or click.confirm(
            f"Send this to AWS, for account {proposal.state.account_id} in {region}?", err=True
        )
        outcome = flow.send(aws, proposal) if agreed else flow.declined()
    _end(proposal, outcome, format_name)


def _answers(given: dict[str, Any]) -> "Answers":
    """The answers, asked for where they are missing."""
    from byoaws.flows.production_access.use_case import Answers

    missing = [name for name in _QUESTIONS if given[name] is None]
    if missing and not options.on_terminal():
        names = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise click.UsageError(f"missing: {names}; without a terminal nothing can be asked")
    for name in missing:
        given[name] = click.prompt(_QUESTIONS[name], err=True, type=int if name == "volume" else str)
    return Answers(**given)


def _show(proposal: "Proposal") -> None:
    from byoaws.commands.standings import as_text
    from byoaws.formats.text import checks

    options.print_result(as_text(proposal.state) + "\n")
    if not proposal.may_be_sent:
        return
    look = options.look()
    options.print_result(checks(proposal.prerequisites, look))
    details = proposal.details
    lines = [
        "",
        click.style("What AWS would be sent", bold=True),
        f"  mail type  {details.mail_type}",
        f"  website    {details.website_url}",
        f"  contacts   {', '.join(details.contacts) or 'those of the AWS account'}",
        "",
        *click.wrap_text(
            details.use_case.replace("\n", "\n\n"),
            width=min(look.width, 110),
            initial_indent="  ",
            subsequent_indent="  ",
            preserve_paragraphs=True,
        ).split("\n\n"),
        "",
    ]
    text = "\n".join(lines) + "\n"
    options.print_result(text if options.color_on() else click.unstyle(text))


def _end(proposal: "Proposal", outcome: "Outcome", format_name: str) -> None:
    if format_name == "json":
        from byoaws.formats.json import result_as_json

        result: dict[str, Any] = {
            "sent": outcome.sent,
            "message": outcome.message,
            "todo": outcome.todo,
            "state": proposal.state.as_json(),
            "prerequisites": [result_as_json(item) for item in proposal.prerequisites],
            "request": {
                "mail_type": proposal.details.mail_type,
                "website_url": proposal.details.website_url,
                "use_case": proposal.details.use_case,
                "contacts": list(proposal.details.contacts),
            },
        }
        options.print_result(json.dumps(result, indent=2) + "\n")
    else:
        options.print_result(f"{outcome.message}\n")
        if outcome.todo:
            options.note(outcome.todo)
    raise SystemExit(outcome.exit_code)
