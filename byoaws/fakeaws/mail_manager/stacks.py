"""The Mail Manager resources of a stack, made beside it through the stand-in's API as CloudFormation would make them.

As CloudFormation does, names are made up where there are none, and an ingress point is complete when it is ACTIVE.
Unlike there, deleting the stack leaves them, and what cannot be made deletes the stack instead of rolling it back.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from byoaws.errors import FakeAwsError
from byoaws.fakeaws.console.stacks import StackEvent, refused
from byoaws.fakeaws.interface import Account, FakeAws
from byoaws.fakeaws.mail_manager.resources import KINDS
from byoaws.fakeaws.mail_manager.template import ASKED, BETWEEN, PREFIX, Asked, Taken

_POLLS = 20
_NO_VALUE = object()


def make_mail_manager(
    aws: FakeAws,
    customer: Account,
    region: str,
    taken: Taken,
    outputs: Mapping[str, str],
    watch: Callable[[StackEvent], None],
) -> dict[str, str]:
    """Make what was taken out of a stack that is there, and return all of the stack's outputs.

    Args:
        aws: The embedded AWS.
        customer: Who makes the stack.
        region: Of the stack.
        taken: What `without_mail_manager` took out.
        outputs: Of the stack, with those that were added.
        watch: Told of each resource that is there.

    Raises:
        FakeAwsError: Mail Manager refused one; in its own words.
    """
    making = _Making(aws.mail_manager.client(customer, region), outputs)
    for name, item in taken.resources.items():
        try:
            made = making.make(name, item)
        except (ClientError, BotoCoreError) as error:
            raise refused(error, f"'{name}' ({item['Type']}) was not made") from error
        if made:
            watch(StackEvent(logical_id=name, resource_type=item["Type"], status="CREATE_COMPLETE", reason=""))
    own = {name: str(making.value(value)) for name, value in taken.outputs.items() if making.is_there(value)}
    return {name: value for name, value in outputs.items() if not name.startswith(ASKED)} | own


class _Making:
    """Makes resources one after the other, and evaluates what they name of each other."""

    def __init__(self, client: Any, outputs: Mapping[str, str]) -> None:
        self._client = client
        self._outputs = outputs
        self._made: dict[str, Mapping[str, Any]] = {}

    def make(self, name: str, item: Mapping[str, Any]) -> bool:
        """Make one; False where its condition is false."""
        if "Condition" in item and self.value(item["Condition"]) != "yes":
            return False
        kind = item["Type"].removeprefix(PREFIX)
        if kind not in KINDS:
            raise FakeAwsError(f"'{name}' is of the type '{item['Type']}', which the embedded AWS does not know")
        given = self.value(item.get("Properties", {}))
        if KINDS[kind].named:
            given.setdefault(f"{kind}Name", f"{name[:30]}-{secrets.token_hex(6)}")
        operation = self._client.meta.service_model.operation_model(f"Create{kind}")
        made = self._call("create", kind, _typed(given, operation.input_shape))
        found = self._found(kind, made[f"{kind}Id"])
        for _ in range(_POLLS):
            if found.get("Status") != "PROVISIONING":
                break
            found = self._found(kind, made[f"{kind}Id"])
        self._made[name] = {**found, "": made[f"{kind}Id"]}
        return True

    def is_there(self, value: Any) -> bool:
        """False where a value names a resource whose condition is false."""
        try:
            self.value(value)
        except KeyError:
            return False
        return True

    def value(self, value: Any) -> Any:
        """Return a value as it comes out."""
        if isinstance(value, Asked):
            text = self._outputs[value.name]
            return text.split(BETWEEN) if value.is_list else text
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1 and (name := next(iter(value))) in _FUNCTIONS:
            return _FUNCTIONS[name](self, value[name])
        pairs = {key: self.value(item) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not _NO_VALUE}

    def ref(self, name: str) -> Any:
        """`Ref`."""
        return _NO_VALUE if name == "AWS::NoValue" else self._made[name][""]

    def get_att(self, place: Any) -> Any:
        """`Fn::GetAtt`."""
        name, attribute = place.split(".", 1) if isinstance(place, str) else place
        return self._made[name][attribute]

    def join(self, arguments: Any) -> str:
        """`Fn::Join`."""
        between, items = self.value(arguments)
        return str(between).join(items)

    def select(self, arguments: Any) -> Any:
        """`Fn::Select`."""
        index, items = self.value(arguments)
        return items[int(index)]

    def split(self, arguments: Any) -> list[str]:
        """`Fn::Split`."""
        between, text = self.value(arguments)
        return str(text).split(between)

    def choose(self, arguments: Any) -> Any:
        """`Fn::If`."""
        condition, yes, no = arguments
        return self.value(yes if self.value(condition) == "yes" else no)

    def _found(self, kind: str, item_id: str) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._call("get", kind, {f"{kind}Id": item_id})
        return answer

    def _call(self, verb: str, kind: str, given: Mapping[str, Any]) -> Any:
        snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in kind)
        return getattr(self._client, f"{verb}{snake}")(**given)


_FUNCTIONS: Mapping[str, Callable[[_Making, Any], Any]] = {
    "Ref": _Making.ref,
    "Fn::GetAtt": _Making.get_att,
    "Fn::Join": _Making.join,
    "Fn::Select": _Making.select,
    "Fn::Split": _Making.split,
    "Fn::If": _Making.choose,
}


def _typed(value: Any, shape: Any) -> Any:
    """Numbers and truth values as the API wants them: a template may write them as text."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return {key: _typed(item, shape.members[key]) if key in shape.members else item for key, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_typed(item, shape.member) for item in value]
    if kind == "integer":
        return int(value)
    if kind in ("double", "float"):
        return float(value)
    return value == "true" if kind == "boolean" and isinstance(value, str) else value
