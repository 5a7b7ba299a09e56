"""Building block `identity`: the customer's first domain in SES, made by the stack, or one that SES has already.

An account hosts many domains, and the vendor registers the others through its role. CloudFormation cannot make an
identity that is there, so such a one is named instead, and then nothing about it is changed: its default configuration
set may be somebody else's, so the vendor names the stack's in each message.
"""

from troposphere import And, Equals, If, Not, Ref, Tags, ses

from byoaws.errors import UsageError
from byoaws.templates import names
from byoaws.templates.stack import Stack

_DOMAIN, _EXISTING = "DomainName", "ExistingIdentityName"
_MAKES = "MakesIdentity"
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_PATTERN = rf"(({_LABEL}\.)+{_LABEL})?"


def add(stack: Stack) -> None:
    """Add the identity, unless none is wanted or it is there.

    Raises:
        UsageError: the stack has no configuration set, so its mail would have no events.
    """
    if not stack.has("sending"):
        raise UsageError("block 'identity' needs block 'sending'", hint="add it to stack.blocks in the vendor file")
    domain = _parameter(
        stack,
        _DOMAIN,
        "Domain to register with SES",
        f"Empty: none is registered now; {stack.vendor.title} can do it later. It must not be in SES here yet",
    )
    existing = _parameter(
        stack,
        _EXISTING,
        "Domain that SES has already",
        "Empty: none. Else one of yours, of which the stack changes nothing; no domain is registered then",
    )
    stack.template.add_condition(_MAKES, And(Not(Equals(domain, "")), Equals(existing, "")))
    stack.add(
        ses.EmailIdentity(
            names.IDENTITY,
            Condition=_MAKES,
            # Whoever sends from the domain goes on doing so without the stack.
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            EmailIdentity=domain,
            ConfigurationSetAttributes=ses.ConfigurationSetAttributes(
                ConfigurationSetName=stack.computed[names.USED_CONFIGURATION_SET]
            ),
            # What the pack `ses-identities` knows the vendor's own by.
            Tags=Tags({"byoaws:vendor": stack.vendor.name}),
        )
    )
    used = If(_MAKES, Ref(names.IDENTITY), existing)
    stack.output("IdentityName", used, "Domain in SES to send from; empty where none was given")


def _parameter(stack: Stack, name: str, label: str, description: str) -> Ref:
    return stack.parameter(
        name,
        group="Sending",
        label=label,
        Description=description,
        Default="",
        AllowedPattern=_PATTERN,
        ConstraintDescription="must be a domain in lower case, or empty",
        MaxLength=253,
    )
