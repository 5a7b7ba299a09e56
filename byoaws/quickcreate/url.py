"""Quick-Create links: built, and taken apart again.

Source of the form: CloudFormation user guide, "Create quick-create links for stacks". Only three kinds of argument
exist: `templateURL`, `stackName` and `param_NAME`; capabilities, tags and the service role cannot be set by a link.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

from byoaws.errors import LinkError
from byoaws.quickcreate.template_url import parse_template_url
from byoaws.regions import partition_of

MAXIMUM_LENGTH = 8_000
"""Our own limit, not AWS's: longer links do not survive mail programs and chats."""

_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d", re.ASCII)
_ROUTES = ("/stacks/create/review", "/stacks/quickcreate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a Quick-Create link says."""

    region: str
    template_url: str
    stack_name: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Not shown in a repr: one of them may be the webhook secret."""


def build(link: Link) -> str:
    """Return the URL of `link`, every value encoded.

    Raises:
        LinkError: the console would refuse it: a template that is not on S3 or in another partition, a stack name
            AWS does not allow, or a URL over our length limit.
    """
    template = parse_template_url(link.template_url)
    if not template.in_partition_of(link.region):
        raise LinkError(
            f"template URL '{template.url}' lies in another partition than region '{link.region}'",
            hint=f"publish the template in partition '{partition_of(link.region).name}' as well",
        )
    if not _STACK_NAME.fullmatch(link.stack_name):
        raise LinkError(
            f"'{link.stack_name[:140]}' is not a stack name AWS allows",
            hint="a letter, then up to 127 letters, digits and hyphens",
        )
    arguments = {"templateURL": link.template_url, "stackName": link.stack_name}
    arguments |= {f"param_{name}": value for name, value in link.parameters.items()}
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in arguments.items())
    url = f"{_console(link.region)}?region={link.region}#{_ROUTES[0]}?{query}"
    if len(url) > MAXIMUM_LENGTH:
        raise LinkError(
            f"the link has {len(url):,} characters; byoaws allows {MAXIMUM_LENGTH:,} (our own limit)",
            hint="shorten the template URL or the parameter values",
        )
    return url


def _console(region: str) -> str:
    return f"https://{region}.{partition_of(region).console_suffix}/cloudformation/home"


def parse(url: str) -> Link:
    """Take a Quick-Create link apart, as the console does.

    Raises:
        LinkError: not a Quick-Create link of the AWS console.
    """

    def refuse(why: str) -> LinkError:
        return LinkError(f"not a Quick-Create link: {why}", hint="byoaws link prints one")

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refuse(str(error)) from None
    region = dict(parse_qsl(parts.query)).get("region", "")
    if not _REGION.fullmatch(region):
        raise refuse("it names no region")
    console = urlsplit(_console(region))
    if (parts.scheme, parts.hostname, port, parts.path) != ("https", console.hostname, None, console.path):
        raise refuse(f"expected it to begin with {_console(region)}")
    route, _, query = parts.fragment.partition("?")
    if route not in _ROUTES:
        raise refuse(f"expected #{_ROUTES[0]} after the region")
    # A "+" is a plus sign here: parse_qsl would read it as a space, and a base64 secret would change.
    pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise refuse("an argument is given twice")
    arguments = dict(pairs)
    if "templateURL" not in arguments:
        raise refuse("it names no templateURL (mind the upper-case letters)")
    return Link(
        region=region,
        template_url=arguments["templateURL"],
        stack_name=arguments.get("stackName", ""),
        parameters={
            name.removeprefix("param_"): value for name, value in arguments.items() if name.startswith("param_")
        },
    )
