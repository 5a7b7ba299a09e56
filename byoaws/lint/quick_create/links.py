"""What is wrong with a Quick-Create link: with the link itself, and with what it says to its template.

`byoaws.quickcreate` refuses such a link at its first fault; here every fault is told, one finding each, and values of
parameters are never shown. Which parameters the link gives in vain is E9103's business.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from byoaws.errors import LinkError
from byoaws.lint.quick_create.link_region import region_mistakes
from byoaws.lint.quick_create.link_values import LinkMistake, is_external_id, is_placeholder, value_mistakes
from byoaws.lint.worlds.literals import SECRET_NAME
from byoaws.quickcreate.template_url import parse_template_url
from byoaws.quickcreate.url import MAXIMUM_LENGTH, ROUTES, STACK_NAME, region_of
from byoaws.regions import partition_of

_TEMPLATE_URL, _STACK, _PARAMETER = "templateURL", "stackName", "param_"
_AMPERSAND = "&amp;"
"""'&' as the source of a web page has it; the rest of such a link is read as it is meant."""
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_ENCODE = "encode every value: a template URL begins with https%3A%2F%2F, and its '?' and '&' are %3F and %26"


def link_parameters(url: str) -> dict[str, str]:
    """Return the parameters that a link gives, by name; of a name that stands twice the last."""
    return {name.removeprefix(_PARAMETER): value for name, value in _arguments(url) if name.startswith(_PARAMETER)}


def link_mistakes(url: str, template: Mapping[str, Any], *, external_id_name: str = "") -> list[LinkMistake]:
    """Say what is wrong with a link to `template`.

    Args:
        url: The link.
        template: What it points to.
        external_id_name: The parameter that holds the ExternalId; empty where its name says so.
    """
    url = url.strip()
    if not _PRINTABLE.fullmatch(url):
        message = "the link holds spaces, line breaks or letters beyond ASCII, and breaks where it is sent"
        return [LinkMistake(message=message, fix=_ENCODE)]
    declared = template.get("Parameters")
    parameters = declared if isinstance(declared, Mapping) else {}
    address = list(_address(url))
    place = [*address, *_route(url)]
    if len(place) > 1:
        return [LinkMistake(message="this is no Quick-Create link of the AWS console", fix=place[0].fix)]
    found = [*place, *_names(url, parameters), *_template(url), *_stack_name(url)]
    if not address:
        found += region_mistakes(_region(url), template)
    for name, value in link_parameters(url).items():
        found += value_mistakes(
            name, value, parameters.get(name), is_external_id=is_external_id(name, external_id_name)
        )
    if len(url) > MAXIMUM_LENGTH:
        message = f"the link has {len(url):,} characters; mail programs and chats cut one of over {MAXIMUM_LENGTH:,}"
        found.append(LinkMistake(message=message, fix="shorten its values", severity="warning"))
    return found


def _arguments(url: str) -> list[tuple[str, str]]:
    """Return the arguments after the console's `#`, decoded; where there is no `#`, those of the query."""
    before, _, fragment = url.partition("#")
    query = (fragment or before).partition("?")[2]
    pairs = (part.partition("=") for part in query.replace(_AMPERSAND, "&").split("&") if part)
    found = [(unquote(name), unquote(value)) for name, _, value in pairs]
    return found if fragment else [(name, value) for name, value in found if name != "region"]


def _region(url: str) -> str:
    """Return the region of a console's address; ValueError says why it is none."""
    parts = urlsplit(url)
    named = next((value for name, value in parse_qsl(parts.query) if name == "region"), "")
    # The console without a region in its name sends the browser on, with all that the link says.
    if named and parts.netloc.lower() == partition_of(named).console_suffix:
        parts = parts._replace(netloc=f"{named}.{parts.netloc}")
    return region_of(parts)


def _address(url: str) -> Iterator[LinkMistake]:
    try:
        _region(url)
    except ValueError as error:
        fix = "begin it with https://REGION.console.aws.amazon.com/cloudformation/home?region=REGION#/stacks/create/review"
        yield LinkMistake(message=f"not the address of CloudFormation's console: {error}", fix=fix)


def _route(url: str) -> Iterator[LinkMistake]:
    route = url.partition("#")[2].partition("?")[0]
    if route not in ROUTES:
        message = f"'#{route[:60]}' is no page of CloudFormation's console that takes a template from a link"
        yield LinkMistake(message=message, fix=f"write '#{ROUTES[0]}?' after the region")


def _names(url: str, parameters: Mapping[str, Any]) -> Iterator[LinkMistake]:
    seen: set[str] = set()
    cut = _is_cut(url)
    if _AMPERSAND in url:
        message = f"the link holds '{_AMPERSAND}', of which the console makes nothing: it is how a web page writes '&'"
        yield LinkMistake(message=message, fix="write '&', as the page shows it")
    for name, _ in _arguments(url):
        known = name in (_TEMPLATE_URL, _STACK) or (name.startswith(_PARAMETER) and name != _PARAMETER)
        if known and name in seen:
            yield LinkMistake(message=f"the link gives '{name}' twice", fix="give it once")
        elif not known and name not in seen and not cut:
            yield _unknown(name, parameters)
        seen.add(name)


def _unknown(name: str, parameters: Mapping[str, Any]) -> LinkMistake:
    for right in (_TEMPLATE_URL, _STACK):
        if name.lower() == right.lower():
            message = f"the link spells '{right}' as '{name}': letter case counts, so CloudFormation ignores it"
            return LinkMistake(message=message, fix=f"write '{right}'")
    is_bare = name in parameters
    if is_bare or name.lower().startswith(("param_", "param-", "param.", "parameter_", "parameters_")):
        rest = name if is_bare else re.split("[_.-]", name, maxsplit=1)[1]
        message = f"the link gives '{name}', which CloudFormation ignores: parameters begin with 'param_'"
        return LinkMistake(message=message, fix=f"write 'param_{rest}'")
    message = (
        f"the link gives '{name[:60]}', which CloudFormation ignores: a link sets template, stack name and parameters"
    )
    return LinkMistake(
        message=message, fix="leave it out; tags, capabilities and roles are chosen on the console's page"
    )


def _raw_template_url(url: str) -> str | None:
    found = re.search(r"[?&]templateurl=([^&]*)", url.partition("#")[2] or url, re.IGNORECASE)
    return found[1] if found else None


def _is_of_s3(name: str) -> bool:
    return name.lower().startswith(("x-amz-", "versionid", "x-id", "response-"))


def _is_cut(url: str) -> bool:
    """True if the template URL's own arguments stand among the link's, as it is not encoded."""
    raw = _raw_template_url(url) or ""
    return "://" in raw and ("?" in raw or any(_is_of_s3(name) for name, _ in _arguments(url)))


def _template(url: str) -> Iterator[LinkMistake]:
    raw = _raw_template_url(url)
    if not raw:
        fix = "add 'templateURL=' and the encoded URL of the template in S3"
        yield LinkMistake(message="the link names no template (templateURL)", fix=fix)
        return
    place = unquote(raw)
    if place.lower().startswith(("https%3a", "http%3a")):
        yield LinkMistake(message="the template URL is encoded twice", fix="encode it once: https%3A%2F%2F...")
        return
    if _is_cut(url) or ("://" in raw and "+" in raw):
        yield LinkMistake(
            message="the template URL is not encoded, so the console reads only a part of it", fix=_ENCODE
        )
        return
    if is_placeholder(place):
        yield LinkMistake(message="the template URL is a placeholder that nobody filled in", fix="give the URL in S3")
        return
    try:
        template = parse_template_url(place)
        region = _region(url)
    except LinkError as error:
        yield LinkMistake(message=error.message, fix=error.hint or "publish the template in S3")
        return
    except ValueError:
        return
    if not template.in_partition_of(region):
        message = f"the template lies in another partition than the console's region '{region}', which cannot read it"
        yield LinkMistake(message=message, fix="publish the template in a bucket of that partition as well")
    elif "://" in raw:
        message = "the template URL is not encoded: it works only as long as it has no '?', '&' or '+'"
        yield LinkMistake(message=message, fix=_ENCODE, severity="info")


def _stack_name(url: str) -> Iterator[LinkMistake]:
    for name, value in _arguments(url):
        if name == _STACK and not STACK_NAME.fullmatch(value):
            message = f"'{value[:140]}' is not a stack name AWS allows"
            yield LinkMistake(message=message, fix="a letter, then up to 127 letters, digits and hyphens")


def secrets_in(url: str) -> list[str]:
    """Return the parameters of a link that are secrets by their names."""
    return [name for name in link_parameters(url) if SECRET_NAME.search(name)]
