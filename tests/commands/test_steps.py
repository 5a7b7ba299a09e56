"""How the steps of a customer are folded."""

from byoaws.commands.connection_commands.steps import wrapped

COMMAND = "byoaws connections rotate-secret con_8rqyhtrb2pcp0t8wn9jr --finish"


def test_a_command_is_never_broken_within_a_word() -> None:
    """`rotate-` at the end of a line and `secret` in the next would be another command."""
    for width in range(20, 90):
        lines = wrapped("do      ", f"later, and not sooner: {COMMAND}", width).splitlines()
        words = " ".join(line.strip() for line in lines)
        assert words == f"do      later, and not sooner: {COMMAND}"
        assert all(len(line) <= width or len(line.split()) == 1 or " " not in line.strip() for line in lines[1:])
