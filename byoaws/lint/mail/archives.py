"""How a template names Mail Manager's archives, and refers to them.

Sources: AWS's skill "aws-mail-manager", the CloudFormation registry's schema of `AWS::SES::MailManagerArchive`, and the
handlers that AWS has published; where they disagree, the messages say so.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from byoaws.lint.worlds.expressions import canonical, is_single
from byoaws.lint.worlds.order import mentions
from byoaws.lint.worlds.walk import Mistake, Path, Spot, mistakes_in, named

ARCHIVE = "AWS::SES::MailManagerArchive"
_RULE_SET = "AWS::SES::MailManagerRuleSet"

_MOST_IN_TARGET = 66
# What AWS gives the stack; the same name whenever the template is deployed again.
_SAME_EVERY_TIME = frozenset({"AWS::AccountId", "AWS::Region", "AWS::Partition", "AWS::URLSuffix"})
_ID_IN_TEXT = re.compile(r"\$\{\s*(?P<name>\w+)\.ArchiveId\s*\}")
_ARN_OF = re.compile(r"\$\{(?P<name>\w+)\.ArchiveArn\}")


def arns_as_targets(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the Archive actions that name an archive by its ARN."""
    archives = named(template, ARCHIVE)

    def look(_: str, properties: Spot) -> Iterator[Mistake]:
        for action in _archive_actions(properties):
            target = action.at("TargetArchive")
            archive = _archive_by_arn(target, archives)
            if archive is not None:
                yield Mistake(
                    path=target.path,
                    message=(
                        f"'TargetArchive' is an ARN; the API's model permits one, but according to AWS's guide the "
                        f"service takes no more than {_MOST_IN_TARGET} characters there: the archive's id"
                    ),
                    fix=f"write {id_of(archive)}" if archive else "write the archive's id, which begins with 'a-'",
                )

    return list({one.path: one for one in mistakes_in(template, [_RULE_SET], look)}.values())


def id_of(archive: str) -> str:
    """Return the expression that is the archive's id whatever AWS says of `ArchiveId`."""
    return f'!Select [1, !Split ["/", !GetAtt {archive}.ArchiveArn]]'


def _archive_actions(properties: Spot) -> Iterator[Spot]:
    for rule in properties.at("Rules").items():
        for action in rule.at("Actions").items():
            if "Archive" in action.entries():
                yield action.at("Archive")


def _archive_by_arn(target: Spot, archives: list[str]) -> str | None:
    """Return the archive whose ARN stands there, empty if it is of no archive in the template; None for no ARN."""
    whole = None if target.is_absent else target.whole()
    if whole is None:
        return None
    found = _ARN_OF.fullmatch(target.world.names.get(whole, ""))
    if found and found["name"] in archives:
        return found["name"]
    return "" if whole.startswith("arn:") else None


def archive_ids(template: Mapping[str, Any]) -> list[Mistake]:
    """Find where a template relies on what `ArchiveId` returns."""
    archives = frozenset(named(template, ARCHIVE))
    if not archives:
        return []
    places = [place for section in ("Resources", "Outputs") for place in _ids(template.get(section), (section,))]
    return [
        Mistake(
            path=path,
            message=(
                f"'{name}.ArchiveId' may be an ARN: AWS's guide says so, the CloudFormation reference says that it is "
                "the id"
            ),
            fix=f"write {id_of(name)}, which is right in both cases",
        )
        for path, name in places
        if name in archives
    ]


def _ids(written: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(written, list):
        for index, item in enumerate(written):
            yield from _ids(item, (*path, index))
    elif isinstance(written, Mapping):
        argument = written.get("Fn::GetAtt") if is_single(written) else None
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(parts, list) and len(parts) == 2 and parts[1] == "ArchiveId":
            yield path, str(parts[0])
        for key, value in written.items():
            if key == "Fn::Sub":
                for name in dict.fromkeys(_ID_IN_TEXT.findall(canonical(value))):
                    yield path, name
            yield from _ids(value, (*path, key))


def fixed_names(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the archives whose name is the same whenever the template is deployed again."""

    def look(name: str, properties: Spot) -> Iterator[Mistake]:
        spot = properties.at("ArchiveName")
        is_read = properties.is_object and not spot.is_absent and bool(spot.written)
        if not is_read or set(mentions(spot.written)) - _SAME_EVERY_TIME:
            return
        why = f"archive '{name}' has a fixed name, which stays taken for up to 30 days after the archive is deleted"
        others = "; the account's id in it does not help" if "AWS::AccountId" in mentions(spot.written) else ""
        yield Mistake(path=spot.path, message=f"{why} or its creation is rolled back{others}")

    return mistakes_in(template, [ARCHIVE], look)
