"""What a preflight found, as data."""

from dataclasses import asdict, dataclass

from byoaws.model import Json, ProbeResult, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A value to use when the stack is made. The field names are the keys of `preflight --format json`."""

    parameter: str
    """Of the template, or `StackName`."""
    value: str | None
    """None where only the customer knows it."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """All checks of one account and region, and the values to use."""

    vendor: str
    account_id: str | None
    """None where AWS did not say who asks."""
    region: str
    stack_name: str
    checks: tuple[ProbeResult, ...]
    advice: tuple[Advice, ...]

    @property
    def exit_code(self) -> int:
        """0 the stack can be made, 1 something is in its way, 3 could not tell."""
        statuses = {check.status for check in self.checks}
        return 1 if Status.FAIL in statuses else 3 if Status.UNKNOWN in statuses else 0

    def as_json(self) -> dict[str, Json]:
        """The shape of `byoaws preflight --format json`."""
        return {
            "vendor": self.vendor,
            "account_id": self.account_id,
            "region": self.region,
            "stack_name": self.stack_name,
            "checks": [
                {
                    "code": check.code,
                    "name": check.name,
                    "status": check.status.value,
                    "summary": check.summary,
                    "fix": check.fix,
                    "evidence": dict(check.evidence),
                }
                for check in self.checks
            ],
            "parameters": [dict(asdict(advice)) for advice in self.advice],
        }
