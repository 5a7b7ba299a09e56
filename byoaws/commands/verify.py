"""`byoaws verify`: prove that an account is connected, and that nobody else can get in."""

from typing import TYPE_CHECKING

import click

from byoaws.commands import options
from byoaws.commands.send_options import send_options
from byoaws.registry import REPORT_FORMATS

if TYPE_CHECKING:
    from byoaws.flows.check import Verifier
    from byoaws.flows.send import SendRequest
    from byoaws.flows.verify import Request
    from byoaws.model import VerificationReport
    from byoaws.settings import Settings
    from byoaws.vendor_model import Vendor

_EXIT_CODES = {"verified": 0, "insecure": 1, "failed": 1, "unknown": 3}


@click.command()
@click.argument("role_arn", required=False)
@click.option(
    "--connection",
    "connection_id",
    metavar="ID",
    callback=options.not_empty,
    help="A stored connection; the result is stored with it.",
)
@click.option("--external-id", metavar="X", help="The ExternalId. [default: the stored connection's]")
@click.option("--bucket", metavar="NAME", help="The stack's BucketName output, to be stored with the connection.")
@click.option(
    "--secret-arn",
    metavar="ARN",
    callback=options.not_empty,
    help="The stack's WebhookSecretArn output, where the role cannot find the secret.",
)
@click.option(
    "--region",
    metavar="R",
    callback=options.not_empty,
    help="Region of the stack. [default: the connection's, $AWS_REGION, us-east-1]",
)
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(0, 600),
    callback=options.number_of_seconds,
    help="How long a refusal is retried while IAM spreads a new role. [default: 15; 60 for a new connection]",
)
@send_options
@options.vendor_option
@options.profile_option
@options.store_option
@options.format_option(*REPORT_FORMATS)
def verify(
    role_arn: str | None,
    connection_id: str | None,
    external_id: str | None,
    bucket: str | None,
    secret_arn: str | None,
    region: str | None,
    wait: float | None,
    vendor: str | None,
    profile: str | None,
    store: str | None,
    format_name: str,
    send: "SendRequest | None",
) -> None:
    """Prove that an account is connected, and that nobody else can get in.

    Calls AssumeRole without an ExternalId, with a wrong one and with the right one, and asks the session who it is
    and what SES lets it do. For a vendor that works with a user's keys, leave ROLE_ARN out and give --profile.
    Exit codes: 0 verified, 1 insecure or failed, 3 could not tell.
    """
    from byoaws import factory
    from byoaws.commands.progress import verify_progress
    from byoaws.flows.verify import Request, verify_and_record, verify_keys

    settings = options.settings(vendor=vendor, store=store, profile=profile)
    options.say_vendor(settings)
    request = Request(
        role_arn=role_arn,
        connection_id=connection_id,
        external_id=external_id,
        bucket_name=bucket,
        region=region,
        default_region=settings.region,
        wait=wait,
        secret_arn=secret_arn,
    )
    chosen = factory.vendor(settings)
    with verify_progress() as progress:
        verifier = _sending(factory.verifier(settings, progress), send, chosen)
        if role_arn is None and connection_id is None:
            report = verify_keys(request, chosen, verifier, lambda where: factory.customer_session(settings, where))
        else:
            report = verify_and_record(request, chosen, verifier, lambda: factory.store(settings))
    look = options.look()
    options.print_result(REPORT_FORMATS.load(format_name)(report, look))
    if role_arn is not None or connection_id is not None:
        _learn(request, report, chosen, settings)
    raise SystemExit(_EXIT_CODES[report.verdict.value])


def _sending(verifier: "Verifier", send: "SendRequest | None", vendor: "Vendor") -> "Verifier":
    if send is None:
        return verifier
    from byoaws.flows.send import that_sends

    return that_sends(verifier, send, vendor)


def _learn(request: "Request", report: "VerificationReport", vendor: "Vendor", settings: "Settings") -> None:
    """Learn the webhook secret, where one is to be learnt; the verdict stands, whatever comes of it."""
    from byoaws import factory
    from byoaws.flows.webhook_secret.learn import learn_secret

    outcome = learn_secret(
        request,
        report,
        vendor,
        lambda: factory.store(settings),
        factory.vendor_aws_of(settings),
        factory.webhook_secrets_under,
        factory.now,
    )
    if outcome is None:
        return
    if outcome.state in ("unread", "customer"):
        options.warn(f"{outcome.message}; {outcome.todo}")
    else:
        options.note(outcome.message)
