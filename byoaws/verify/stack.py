"""The customer's stack, as the probes of its parts see it: names of what it made, by type."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from byoaws.aws import stack_questions
from byoaws.aws.stack_questions import StackResource, StackState
from byoaws.verify.interface import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that made the role which we are under."""

    state: StackState
    resources: Mapping[str, StackResource] = field(repr=False)
    """By the name in the template."""

    def physical_ids(self, kind: str) -> list[str]:
        """What AWS calls the stack's resources of a type such as `AWS::SNS::Topic`, in the template's order."""
        return [one.physical_id for one in self.resources.values() if one.kind == kind and one.physical_id]

    def physical_id(self, name: str) -> str | None:
        """What AWS calls the resource of a name in the template; None where the stack has none."""
        found = self.resources.get(name)
        return found.physical_id or None if found else None


def name_of(facts: Facts) -> str:
    """The stack's name: the connection's, else the vendor's own."""
    return facts.target.stack_name or facts.target.vendor.stack.name


async def stack_of(facts: Facts) -> Stack:
    """Ask for the stack and what is in it; every probe that calls this shares the two calls.

    Raises:
        AwsError: AWS did not say, or there is no such stack.
    """
    state = await facts.ask(stack_questions.stack(name_of(facts)))
    resources = await facts.ask(stack_questions.stack_resources(state.stack_id))
    return Stack(state=state, resources={one.name: one for one in resources})
