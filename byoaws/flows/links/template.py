"""The template that a link's URL stands for: the one we would generate, or an older one that was published.

A key of `publish` says what it holds. If that is what we generate, nothing is read; if not, the published template is
what the customer will get, so the link is checked against it. Other URLs say nothing about what they hold: there the
link is checked against what we generate, and `byoaws doctor` compares.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from byoaws.errors import AwsError, LinkError
from byoaws.quickcreate.check import check_parameters
from byoaws.quickcreate.published import Name, name_of, published_at_url
from byoaws.templates.text import read_template, to_yaml
from byoaws.vendor_model import Vendor

if TYPE_CHECKING:
    from byoaws.aws.interface import TemplateSource

ReadTemplates: TypeAlias = Callable[[], "TemplateSource"]
"""Opens the source of published templates; called only where one has to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTemplate:
    """What the customer's CloudFormation will be given."""

    template: Mapping[str, Any]
    published_as: Name | None = None
    """Where it is another one than we would generate."""
    ours: str = ""
    """What we would generate instead, as messages name it."""

    def check(self, parameters: Mapping[str, str], *, customers: Collection[str]) -> None:
        """Refuse a link that does not fit; `customers` are the parameters that the customer fills in.

        Raises:
            LinkError: all that is wrong; for another template than ours it names both.
        """
        try:
            check_parameters(parameters, self.template, customers=customers)
        except LinkError as error:
            if self.published_as is None:
                raise
            raise _misfit(self.published_as, self.ours, error.message) from None


def template_at(url: str, vendor: Vendor, generated: Mapping[str, Any], source: ReadTemplates | None) -> LinkTemplate:
    """Return the template that a link to `url` deploys.

    Args:
        url: Of the template.
        vendor: Whose link it is.
        generated: The template that we would generate.
        source: Where to read another one from; None where nothing can be read.

    Raises:
        LinkError: the URL is of `publish`'s form and names another template than ours, and that is another vendor's,
            cannot be read, or is not what its key says.
    """
    found = published_at_url(url)
    if found is None:
        return LinkTemplate(template=generated)
    _, name = found
    ours = name_of(vendor.name, vendor.stack.version, to_yaml(generated).encode())
    if name == ours:
        return LinkTemplate(template=generated)
    if name.vendor != vendor.name:
        raise LinkError(
            f"template URL names a template of vendor '{name.vendor}', and this is a link of '{vendor.name}'",
            hint="set template_url to what `byoaws publish` printed for this vendor",
        )
    called = f"{ours.version}-{ours.short}"
    return LinkTemplate(template=_read(url, name, called, source), published_as=name, ours=called)


def _read(url: str, name: Name, ours: str, source: ReadTemplates | None) -> Mapping[str, Any]:
    if source is None:
        raise _misfit(name, ours, "it cannot be read from here")
    try:
        body = source().read(url)
    except AwsError as error:
        raise _misfit(name, ours, f"it cannot be read: {error}") from None
    if not name.holds(body):
        raise _misfit(name, ours, "what is there is not what its key says, so somebody has swapped it")
    template = read_template(body)
    if template is None or not _is_template(template):
        raise _misfit(name, ours, "it is no template that byoaws wrote")
    return template


def _is_template(found: Mapping[str, Any]) -> bool:
    """Whether the parts that a link is checked against have the form that they have in our templates."""
    resources, parameters = found.get("Resources"), found.get("Parameters", {})
    return all(
        isinstance(group, dict) and all(isinstance(item, dict) for item in group.values())
        for group in (resources, parameters)
    ) and all("Type" in item for item in (resources or {}).values())


def _misfit(name: Name, ours: str, why: str) -> LinkError:
    return LinkError(
        f"the published template {name.version}-{name.short} cannot be used, and we would generate {ours}: {why}",
        hint="publish the present one with `byoaws publish` and set template_url to its URL",
    )
