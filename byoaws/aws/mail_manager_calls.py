"""How Mail Manager's API is called: what may be missing when it refuses, and lists of many pages."""

from collections.abc import Callable, Mapping
from typing import Any

from byoaws.aws.boto import BotoCustomerAws
from byoaws.aws.mail_manager_answers import Read, named
from byoaws.aws.session import Answer
from byoaws.errors import AccessDenied, Unreachable
from byoaws.mail_manager.port import Named

_MOST_PAGES = 100


class Calls:
    """Calls in one account and region."""

    def __init__(self, customer: BotoCustomerAws) -> None:
        self._customer = customer

    def ask(self, pack: str, operation: str, call: Callable[[], Answer]) -> Answer:
        """Return what `call` returns; `pack` is the permission pack that has its action.

        Raises:
            AwsError: of the kind that `byoaws.aws.errors` says.
        """
        try:
            return self._customer._ask_ses(operation, call)
        except AccessDenied as error:
            error.hint = (
                f"'{operation}' is in the permission pack '{pack}': add it to the vendor file, publish the template "
                "anew, and have the customer update the stack"
            )
            raise
        except Unreachable as error:
            if not error.code:
                region = self._customer._region
                error.hint = f"is Mail Manager in {region}? Else check the network, the proxy and AWS_ENDPOINT_URL"
            raise

    def listed(self, pack: str, key: str, call: Callable[[Any], Mapping[str, Any]]) -> list[Named]:
        """Return every page of a list, less what is being deleted; `key` is its name in the answer.

        Raises:
            Unreachable: it has more pages than any account has; a server that goes round in circles must not keep us.
        """
        operation, kind = f"ses:List{key}", key.removesuffix("s")
        found: list[Named] = []
        page: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            read = Read(self.ask(pack, operation, lambda page=page: call(page)), operation)  # type: ignore[misc]
            there = [row for row in read.items(key) if Read(row, operation).text(f"{kind}State") != "PENDING_DELETION"]
            found += [named(row, operation, kind=kind) for row in there]
            if not read.text("NextToken"):
                return found
            page = {"NextToken": read.text("NextToken")}
        raise Unreachable(f"{operation}: more than {_MOST_PAGES} pages", operation=operation)
