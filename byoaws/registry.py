"""The tables of everything that can be plugged in: one line per name, loaded only when asked for.

Each line is `name: "module:attribute"`. Other distributions add names through entry points of the group
`byoaws.<table>`; they can never replace a built-in, so installing a package cannot change what `verify` does.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from byoaws.entry_points import added
from byoaws.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Registry:
    """A table of names and where each is defined."""

    kind: str
    """In the singular, as error messages name it."""
    builtins: Mapping[str, str]
    """Name to `module:attribute`."""

    @property
    def group(self) -> str:
        """The entry-point group that adds to this table."""
        return f"byoaws.{self.kind.replace(' ', '_')}s"

    def targets(self) -> dict[str, str]:
        """Every name, built-in ones first, with its `module:attribute`."""
        further = {name: value for name, value in added(self.group).items() if name not in self.builtins}
        return {**self.builtins, **further}

    def load(self, name: str) -> Any:
        """Return the object behind `name`.

        Raises:
            UnknownName: no such name.
        """
        target = self.builtins.get(name) or self.targets().get(name)
        if target is None:
            raise UnknownName(self.kind, name, list(self.targets()))
        module, _, attribute = target.partition(":")
        return getattr(importlib.import_module(module), attribute)

    def __iter__(self) -> Iterator[str]:
        return iter(self.targets())


# Order is the order in which `byoaws --help` lists them.
COMMANDS = Registry(
    "command",
    {
        "init": "byoaws.commands.init:init",
        "vendor": "byoaws.commands.vendor:vendor",
        "generate": "byoaws.commands.generate:generate",
        "policy": "byoaws.commands.policy:policy",
        "publish": "byoaws.commands.publish:publish",
        "link": "byoaws.commands.link:link",
        "preflight": "byoaws.commands.preflight:preflight",
        "connect": "byoaws.commands.connect:connect",
        "verify": "byoaws.commands.verify:verify",
        "recheck": "byoaws.commands.recheck:recheck",
        "schedule": "byoaws.commands.schedule:schedule",
        "worker": "byoaws.commands.worker:worker",
        "connections": "byoaws.commands.connections:connections",
        "disconnect": "byoaws.commands.disconnect:disconnect",
        "inbound": "byoaws.commands.inbound:inbound",
        "production-access": "byoaws.commands.production_access:production_access",
        "mail-manager": "byoaws.commands.mail_manager:mail_manager",
        "cost": "byoaws.commands.cost:cost",
        "lint": "byoaws.commands.lint:lint",
        "doctor": "byoaws.commands.doctor:doctor",
        "runbook": "byoaws.commands.runbook:runbook",
        "demo": "byoaws.commands.demo:demo",
        "fake-aws": "byoaws.commands.fake_aws:fake_aws",
    },
)

# Order is the order in which a stack is put together.
BLOCKS = Registry(
    "block",
    {
        "sending": "byoaws.templates.sending:add",
        "identity": "byoaws.templates.identity:add",
        "notifications": "byoaws.templates.notifications:add",
        "inbound": "byoaws.templates.inbound:add",
        "forwarder": "byoaws.templates.forwarder:add",
        "access": "byoaws.templates.access:add",
        "user": "byoaws.templates.user:add",
        "registration": "byoaws.templates.registration:add",
    },
)

# Order is the order in which probes run and are shown.
PROBES = Registry(
    "probe",
    {
        "role-arn": "byoaws.verify.probes.role_arn:PROBE",
        "vendor-identity": "byoaws.verify.probes.vendor_identity:PROBE",
        "external-id-required": "byoaws.verify.probes.external_id_required:PROBE",
        "external-id-checked": "byoaws.verify.probes.external_id_checked:PROBE",
        "assume-role": "byoaws.verify.probes.assume_role:PROBE",
        "caller-identity": "byoaws.verify.probes.caller_identity:PROBE",
        "trust-policy": "byoaws.verify.probes.trust_policy:PROBE",
        "external-id-rotation": "byoaws.verify.probes.external_id_rotation:PROBE",
        "permissions": "byoaws.verify.probes.permissions:PROBE",
        "effective-permissions": "byoaws.verify.probes.effective_permissions:PROBE",
        "key-identity": "byoaws.verify.probes.key_identity:PROBE",
        "key-lifetime": "byoaws.verify.probes.key_lifetime:PROBE",
        "key-permissions": "byoaws.verify.probes.key_permissions:PROBE",
        "ses-account": "byoaws.verify.probes.ses_account:PROBE",
        "ses-sending-enabled": "byoaws.verify.probes.ses_sending_enabled:PROBE",
        "ses-send-quota": "byoaws.verify.probes.ses_send_quota:PROBE",
        "identities": "byoaws.verify.probes.identities:PROBE",
        "stack": "byoaws.verify.probes.stack:PROBE",
        "bucket": "byoaws.verify.probes.bucket:PROBE",
        "events": "byoaws.verify.probes.events:PROBE",
        "inbound": "byoaws.verify.probes.inbound:PROBE",
        "send": "byoaws.verify.probes.send:PROBE",
    },
)

REPORT_FORMATS = Registry(
    "report format",
    {
        "text": "byoaws.formats.text:render",
        "json": "byoaws.formats.json:render",
        "junit": "byoaws.formats.junit:render",
    },
)

FINDING_FORMATS = Registry(
    "finding format",
    {
        "text": "byoaws.formats.lint_text:render",
        "json": "byoaws.formats.lint_json:render",
        "junit": "byoaws.formats.lint_junit:render",
        "sarif": "byoaws.formats.lint_sarif:render",
        "github": "byoaws.formats.lint_github:render",
    },
)

STORES = Registry(
    "store",
    {
        "sqlite": "byoaws.store.sql:open_store",
        "postgresql": "byoaws.store.sql:open_store",
    },
)
