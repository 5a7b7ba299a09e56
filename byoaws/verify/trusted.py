"""Whether we are whom customers' roles trust. If not, AWS refuses every role, in the words that also blame the role."""

from fnmatch import fnmatchcase

from byoaws.aws.interface import Caller
from byoaws.vendor_model import VendorAccount


def not_trusted(account: VendorAccount, caller: Caller) -> str | None:
    """Why the stack's trust policy would not let this caller in; None if it would, or if that cannot be told."""
    if account.account_id and caller.account_id != account.account_id:
        return (
            f"we run in account {caller.account_id}, but the vendor file says {account.account_id}, which roles trust"
        )
    return not_the_trusted_principal(account, caller)


def not_the_trusted_principal(account: VendorAccount, caller: Caller) -> str | None:
    """The same, of a caller in the right account."""
    # arn:aws:sts::1:assumed-role/NAME/SESSION stands for role NAME; its path is not in the session's ARN.
    kind, _, rest = caller.arn.split(":", 5)[-1].partition("/")
    name = rest.split("/")[0] if kind == "assumed-role" else rest.rsplit("/", 1)[-1]
    kind = "role" if kind == "assumed-role" else kind
    trusted = account.role_arn.split(":", 5)[5] if account.role_arn else account.principal
    if not trusted:
        return None
    wanted_kind, _, wanted = trusted.partition("/")
    if kind == wanted_kind and fnmatchcase(name, wanted.rsplit("/", 1)[-1]):
        return None
    return f"we are {caller.arn}, but customers' roles trust '{trusted}' only"
