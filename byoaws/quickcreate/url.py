"""Quick-Create links: built, and taken apart again.

Source of the form: CloudFormation user guide, "Create quick-create links for stacks". Only three kinds of argument
exist: `templateURL`, `stackName` and `param_NAME`; capabilities, tags and the service role cannot be set by a link.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from byoaws.errors import LinkError, UsageError
from byoaws.quickcreate.template_url import parse_template_url, shown
from byoaws.regions import partition_of, require_aws_region

MAXIMUM_LENGTH = 8_000
"""Our own limit, not AWS's: longer links do not survive mail programs and chats."""

STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d", re.ASCII)
ROUTES = ("/stacks/create/review", "/stacks/quickcreate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a Quick-Create link says."""

    region: str
    template_url: str = field(repr=False)
    """A presigned one holds a credential."""
    stack_name: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Not shown in a repr: one of them may be the webhook secret."""


def build(link: Link) -> str:
    """Return the URL of `link`, every value encoded.

    Raises:
        LinkError: the console would refuse it: a region that has no SES for stacks, a template that is not on S3 or
            in another partition, a stack name AWS does not allow, text that UTF-8 cannot hold, or a URL over our
            length limit.
    """
    _check(link)
    arguments = {"templateURL": link.template_url, "stackName": link.stack_name}
    arguments |= {f"param_{name}": value for name, value in link.parameters.items()}
    try:
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in arguments.items())
    except UnicodeEncodeError:
        raise LinkError("a parameter holds half a character (a lone surrogate)", hint="give it as UTF-8 text") from None
    url = f"{_console(link.region)}?region={link.region}#{ROUTES[0]}?{query}"
    if len(url) > MAXIMUM_LENGTH:
        raise LinkError(
            f"the link has {len(url):,} characters; byoaws allows {MAXIMUM_LENGTH:,} (our own limit)",
            hint="shorten the template URL or the parameter values",
        )
    return url


def _check(link: Link) -> None:
    try:
        require_aws_region(link.region)  # whether SES must be there is for who knows the stack
    except UsageError as error:
        raise LinkError(error.message, hint=error.hint) from None
    template = parse_template_url(link.template_url)
    if not template.in_partition_of(link.region):
        raise LinkError(
            f"template URL '{shown(template.url)}' lies in another partition than region '{link.region}'",
            hint=f"publish the template in partition '{partition_of(link.region).name}' as well",
        )
    if not STACK_NAME.fullmatch(link.stack_name):
        raise LinkError(
            f"'{link.stack_name[:140]}' is not a stack name AWS allows",
            hint="a letter, then up to 127 letters, digits and hyphens",
        )


def _console(region: str) -> str:
    return f"https://{region}.{partition_of(region).console_suffix}/cloudformation/home"


def parse(url: str) -> Link:
    """Take a Quick-Create link apart, as the console does.

    Raises:
        LinkError: not a Quick-Create link of the AWS console.
    """
    try:
        parts = urlsplit(url)
        region = region_of(parts)
        arguments = _arguments(parts.fragment)
    except ValueError as error:
        raise LinkError(f"not a Quick-Create link: {error}", hint="byoaws link prints one") from None
    return Link(
        region=region,
        template_url=arguments["templateURL"],
        stack_name=arguments.get("stackName", ""),
        parameters={
            name.removeprefix("param_"): value for name, value in arguments.items() if name.startswith("param_")
        },
    )


def region_of(parts: SplitResult) -> str:
    """The region of a console's address; ValueError says why it is none."""
    named = [value for name, value in parse_qsl(parts.query) if name == "region"]
    if len(named) != 1 or not _REGION.fullmatch(named[0]):
        raise ValueError("it does not name one region")
    console = _console(named[0])
    if (parts.scheme, parts.netloc.lower(), parts.path) != urlsplit(console)[:3]:
        raise ValueError(f"expected it to begin with {console}")
    return named[0]


def _arguments(fragment: str) -> dict[str, str]:
    route, _, query = fragment.partition("?")
    if route not in ROUTES:
        raise ValueError(f"expected #{ROUTES[0]} after the region")
    # A "+" is a plus sign here: parse_qsl would read it as a space, and a base64 secret would change.
    try:
        pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, errors="strict")
    except UnicodeError:
        raise ValueError("a value is not UTF-8") from None  # its own message would repeat the value
    arguments = dict(pairs)
    if len(arguments) != len(pairs):
        raise ValueError("an argument is given twice")
    if "templateURL" not in arguments:
        raise ValueError("it names no templateURL (mind the upper-case letters)")
    return arguments
