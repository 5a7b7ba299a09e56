"""troposphere's own examples: our rules find in them what is there, and nothing else."""

import collections
from pathlib import Path

import pytest

from byoaws.lint.engine import lint

FOLDER = Path(__file__).parents[1] / "data/templates/troposphere"
TEMPLATES = {path.stem: path for path in sorted(FOLDER.glob("*.json"))}

REASONS = {
    "E9101": "a role with a policy that names no principal: IAM does not take it",
    "E9102": "an output shows an access key's secret",
    "E9115": "every action of a service, or all but those of IAM, on every resource",
    "W9112": "a service may write there for any of its customers",
    "W9113": "an ARN that begins with 'arn:aws:', where a stack in another partition needs another one",
    "W9124": "a name that is the same in every stack",
}
"""What each code stands for there; each finding was looked at."""

FOUND = {
    "ApiGateway": {"W9113": 2, "E9115": 1},
    "Backup": {"W9113": 2},
    "Batch": {"W9113": 2},
    "BatchEventSnsLambda": {"W9113": 5, "W9112": 1, "W9124": 5, "E9115": 1},
    "CloudTrail": {"W9112": 3, "W9113": 2},
    "ECSCluster": {"W9113": 1, "E9115": 1},
    "EFS": {"E9101": 1},
    "EMR_Cluster": {"W9113": 2},
    "ElasticBeanstalk_Nodejs_Sample": {"E9115": 1},
    "IAM_Users_Groups_and_Policies": {"E9102": 1},
    "Lambda": {"W9113": 1},
}
"""Templates with true findings, and how many of each; all others are to be silent."""


@pytest.mark.parametrize("path", TEMPLATES.values(), ids=TEMPLATES)
def test_an_example_has_the_findings_that_are_true_and_no_other(path: Path) -> None:
    found = collections.Counter(one.code for one in lint([path]) if one.code[1:].startswith("91"))
    assert found == FOUND.get(path.stem, {})


def test_every_finding_has_its_reason() -> None:
    assert set(FOUND) <= set(TEMPLATES)
    assert {code for codes in FOUND.values() for code in codes} == set(REASONS)


def test_origin_and_licence_are_beside_them() -> None:
    assert "Mark Peek" in (FOLDER / "LICENSE").read_text(encoding="utf-8")
    assert "troposphere 4.11.1" in (FOLDER / "README.md").read_text(encoding="utf-8")
