"""YAML is read the same with libyaml and without, and safely either way."""

import importlib.util
from types import ModuleType

import pytest
import yaml

from byoaws import libyaml


def without_c(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as it is where PyYAML was built without libyaml."""
    monkeypatch.delattr(yaml, "CSafeLoader")
    spec = importlib.util.spec_from_file_location("without_c", libyaml.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_with_libyaml_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x [1, 'two', 3.5, null]\nb: {c: *x, d: 2026-11-21}\n"
    plain = without_c(monkeypatch)
    assert plain.LOADER is yaml.SafeLoader
    assert plain.load(text) == libyaml.load(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["!!python/object/apply:os.getcwd []", "!!python/name:os.system"])
def test_attack_a_tag_makes_no_object(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (libyaml, without_c(monkeypatch)):
        with pytest.raises(yaml.constructor.ConstructorError):
            module.load(text)
