"""Every probe there is: registered, with a code of its own, a question, causes, and needs that can be met."""

import importlib
import re
from pathlib import Path

import pytest

from byoaws.registry import PROBES
from byoaws.vendors.names import REQUIRED_PROBES
from byoaws.verify import probes
from byoaws.verify.interface import Probe

ALL = {name: PROBES.load(name) for name in PROBES.builtins}
FILES = sorted(path for path in Path(probes.__file__).parent.glob("*.py") if path.stem != "__init__")
each = pytest.mark.parametrize("name", ALL)


@each
def test_probe(name):
    probe = ALL[name]
    assert isinstance(probe, Probe)
    assert probe.name == name
    assert re.fullmatch(r"V\d{3}", probe.code)
    assert re.fullmatch(r"[A-Z][^?\n]{10,90}\?", probe.title)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


@each
def test_needs_come_before(name):
    order = list(PROBES.builtins)
    assert [need for need in ALL[name].needs if order.index(need) >= order.index(name)] == []


@each
def test_module(name):
    """`ask` and the module say what is asked of AWS, and the result carries the probe's own code."""
    module = importlib.import_module(PROBES.builtins[name].partition(":")[0])
    assert module.__doc__.startswith(f"Probe `{name}`: ")
    assert module.ask.__doc__
    assert module.__name__.rpartition(".")[2] == name.replace("-", "_")


def test_codes_are_unique():
    assert len({probe.code for probe in ALL.values()}) == len(ALL)


def test_every_file_is_registered():
    assert [path.stem.replace("_", "-") for path in FILES] == sorted(PROBES.builtins)


def test_required_probes_exist():
    assert set(REQUIRED_PROBES) <= set(PROBES.builtins)


@pytest.mark.parametrize("name", REQUIRED_PROBES)
def test_required_probe_never_warns(name):
    """A warning is for what may be as it is. Where `verified` depends on the answer, there is none."""
    source = Path(importlib.import_module(PROBES.builtins[name].partition(":")[0]).__file__).read_text()
    assert "warned(" not in source


# What makes each probe FAIL.
FAILURES = {
    "external-id-required": {"without": [None]},
    "external-id-checked": {"wrong": [None]},
    "trust-policy": {
        "trust": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    },
}


@pytest.mark.parametrize(("name", "changes"), FAILURES.items(), ids=FAILURES)
def test_open_doors_name_causes(scene, name, changes):
    for attribute, value in changes.items():
        setattr(scene, attribute, value)
    found = scene.ask(name)
    assert (found.code, found.name) == (ALL[name].code, name)
    assert found.opens_for_others
    assert found.causes
    assert len(set(found.causes)) == len(found.causes)


@each
def test_results_carry_the_probes_code_and_name(scene, name):
    found = scene.ask(name)
    assert (found.code, found.name) == (ALL[name].code, name)
