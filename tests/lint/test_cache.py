"""The cache saves time, and nothing else: whatever is odd about it, or has changed, counts as if it were not there."""

import dataclasses
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from byoaws.lint import cache as cache_module
from byoaws.lint import engine, fingerprint
from byoaws.lint.cache import Cache
from byoaws.lint.engine import check
from byoaws.lint.interface import Facts, LinkFacts
from byoaws.model import Finding

BROKEN = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties: {Colour: red}\n"
SOUND = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
MADE_UP = Finding(
    code="E9199", severity="error", message="from the cache", fix="none", path="t.yaml", line=1, column=1, end_line=2
)


@pytest.fixture
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a home of its own."""
    (tmp_path / "cwd").mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "cwd"


@pytest.fixture
def cache(cwd: Path) -> Cache:
    return Cache(folder=cwd.parent / "cache" / "byoaws" / "lint", env={"HOME": os.environ["HOME"]})


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some files of ours."""
    folder = tmp_path_factory.mktemp("package")
    for path in (Path(fingerprint.__file__), Path(engine.__file__)):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def small(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read every file of ours takes longer than to lint one: where it does not matter, they are few."""
    monkeypatch.setattr(fingerprint.byoaws, "__file__", str(package / "__init__.py"))


@pytest.fixture
def lint(cwd: Path, cache: Cache, small: None) -> Callable[..., list[str]]:
    """Lint `t.yaml` with the cache; codes."""

    def run(text: str | None = None, *, name: str = "t.yaml", using: Cache = cache, **options: object) -> list[str]:
        if text is not None:
            (cwd / name).write_text(text)
        return [item.code for item in check([name], cache=using, **options).findings]  # type: ignore[arg-type]

    return run


@pytest.fixture
def planted(cwd: Path, cache: Cache, small: None) -> Callable[..., None]:
    """What the cache says of `t.yaml` is what nobody would find, so that a hit is seen."""

    def plant(text: str = SOUND, facts: Facts = Facts(), findings: tuple[Finding, ...] = (MADE_UP,)) -> None:  # noqa: B008
        (cwd / "t.yaml").write_text(text)
        known = cache.recall([Path("t.yaml")], facts)
        assert known is not None
        known.remember({Path("t.yaml"): findings})

    return plant


def entries(cache: Cache) -> list[Path]:
    return sorted(cache.folder.iterdir()) if cache.folder.exists() else []


def test_what_was_kept_is_what_comes_back(cwd: Path, cache: Cache) -> None:
    (cwd / "t.yaml").write_text(BROKEN)
    first = check(["t.yaml"], cache=cache)
    assert len(entries(cache)) == 1
    assert check(["t.yaml"], cache=cache) == first
    assert [item.code for item in first.findings] == ["E3002"]


def test_a_file_that_is_known_needs_no_rules(
    lint: Callable[..., list[str]], planted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted()
    monkeypatch.setattr(engine, "_judge", lambda *_: pytest.fail("linted"))
    assert lint() == ["E9199"]


def test_only_what_is_not_known_is_linted(cwd: Path, cache: Cache, planted: Callable[..., None]) -> None:
    planted()
    (cwd / "new.yaml").write_text(BROKEN)
    found = check(["t.yaml", "new.yaml"], cache=cache).findings
    assert [(item.path, item.code) for item in found] == [("new.yaml", "E3002"), ("t.yaml", "E9199")]


# What makes it forget -------------------------------------------------------------------------------------------------


def test_another_content(lint: Callable[..., list[str]], planted: Callable[..., None]) -> None:
    planted(SOUND)
    assert lint(BROKEN) == ["E3002"]


def test_another_name(lint: Callable[..., list[str]], planted: Callable[..., None]) -> None:
    """`ignore_templates` goes by it."""
    planted()
    assert lint(SOUND, name="u.yaml") == []


@pytest.mark.parametrize("name", [".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml"])
@pytest.mark.parametrize("folder", ["cwd", "home"])
def test_settings_that_change(
    folder: str, name: str, lint: Callable[..., list[str]], planted: Callable[..., None], cwd: Path
) -> None:
    settings = cwd.parent / folder / name
    settings.write_text("ignore_checks: [W]\n")
    planted()
    assert lint() == ["E9199"]
    settings.write_text("ignore_checks: [I]\n")
    assert lint() == []
    settings.unlink()
    assert lint() == []


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_another_region(
    variable: str, lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache
) -> None:
    planted()
    there = dataclasses.replace(cache, env={**cache.env, variable: "eu-west-1"})
    assert lint(using=there) == []


@pytest.mark.parametrize(
    "options",
    [
        {"asked": frozenset({"ses:SendEmail"})},
        {"link": LinkFacts(prefilled=frozenset(), external_id="ExternalId")},
        {"link": LinkFacts(prefilled=frozenset(), external_id="ExternalId", url="https://x.example/")},
    ],
    ids=["packs", "a link", "its URL"],
)
def test_other_facts(options: dict[str, object], lint: Callable[..., list[str]], planted: Callable[..., None]) -> None:
    planted()
    assert "E9199" not in lint(**options)


def test_another_day(
    lint: Callable[..., list[str]], planted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted()
    monkeypatch.setattr(fingerprint.time, "strftime", lambda form: "2099-01-01")
    assert lint() == []


@pytest.mark.parametrize(
    ("name", "value"), [("__version__", "99.0"), ("__file__", "/nowhere/byoaws/__init__.py")], ids=["version", "place"]
)
def test_another_release(
    name: str,
    value: str,
    lint: Callable[..., list[str]],
    planted: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planted()
    monkeypatch.setattr(fingerprint.byoaws, name, value)
    assert lint() == []


def test_a_source_of_ours_that_changes(cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = cwd.parent / "byoaws"
    (package / "lint" / "rules").mkdir(parents=True)
    rule = package / "lint" / "rules" / "E9199_new.py"
    monkeypatch.setattr(fingerprint.byoaws, "__file__", str(package / "__init__.py"))
    seen = [fingerprint.fingerprint(Facts(), {})]
    for text in ("a = 1\n", "a = 2\n"):  # of the same length, and within the same second
        rule.write_text(text)
        os.utime(rule, (1, 1))
        seen.append(fingerprint.fingerprint(Facts(), {}))
    (package / "lint" / "data.yaml").write_text("a: 1\n")
    seen.append(fingerprint.fingerprint(Facts(), {}))
    (package / "lint" / "__pycache__").mkdir()
    (package / "lint" / "__pycache__" / "x.py").write_text("")
    assert len(set(seen)) == 4
    assert fingerprint.fingerprint(Facts(), {}) == seen[-1]


def test_another_cfn_lint(cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an installed distribution, by a file of its own, and by schemas that it downloaded."""
    seen = [fingerprint.fingerprint(Facts(), {})]
    site = cwd.parent / "site"
    for name in ("acme-1.0.dist-info", "cfnlint"):
        (site / name).mkdir(parents=True)
        if name == "cfnlint":
            (site / name / "__init__.py").write_text("")
        monkeypatch.syspath_prepend(str(site))
        monkeypatch.delitem(sys.modules, "cfnlint", raising=False)
        seen.append(fingerprint.fingerprint(Facts(), {}))
    (site / "cfnlint" / "new.py").write_text("")
    seen.append(fingerprint.fingerprint(Facts(), {}))
    downloaded = cwd.parent / "home" / ".cache" / "aws" / "cfn-lint" / "schemas"
    downloaded.mkdir(parents=True)
    (downloaded / "version.json").write_text('{"schema_date": "2099"}')
    seen.append(fingerprint.fingerprint(Facts(), {}))
    assert None not in seen
    assert len(set(seen)) == len(seen)


def test_an_order_of_sets_is_no_change(cwd: Path) -> None:
    one, other = (
        LinkFacts(prefilled=frozenset(names), external_id="a") for names in (("a", "b", "c"), ("c", "b", "a"))
    )
    assert fingerprint.fingerprint(Facts(link=one), {}) == fingerprint.fingerprint(Facts(link=other), {})


def test_no_link_is_not_an_empty_one(cwd: Path) -> None:
    empty = LinkFacts(prefilled=frozenset(), external_id="")
    assert fingerprint.fingerprint(Facts(link=empty), {}) != fingerprint.fingerprint(Facts(), {})


# What is not kept -----------------------------------------------------------------------------------------------------

ELSEWHERE = {
    "nested stack": "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./b.yaml}}\n",
    "transform": "Transform: AWS::Serverless-2016-10-31\n" + SOUND,
    "include": SOUND + "    Properties: {'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: x}}}\n",
    "module": "Resources:\n  A: {Type: 'A::B::C::MODULE'}\n",
    "escaped": 'Resources:\n  A: {Type: "AWS::CloudFormation::\\x53tack", Properties: {TemplateURL: ./b.yaml}}\n',
    "broken line": 'Resources:\n  A:\n    Type: "AWS::CloudFormation::\\\n      Stack"\n',
}


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_template_that_points_to_other_files(text: str, lint: Callable[..., list[str]], cache: Cache) -> None:
    lint(text)
    assert entries(cache) == []


@pytest.mark.parametrize(
    "settings",
    ["append_rules: [more]", "custom_rules: more.txt", "override_spec: spec.json", "registry_schemas: [more]"],
)
def test_settings_that_name_other_files(settings: str, lint: Callable[..., list[str]], cache: Cache, cwd: Path) -> None:
    (cwd / ".cfnlintrc").write_text(settings + "\n")
    (cwd / "more").mkdir()
    (cwd / "more.txt").touch()
    (cwd / "spec.json").write_text("{}")
    lint(SOUND)
    assert entries(cache) == []


def test_a_file_of_which_nothing_could_be_told(
    lint: Callable[..., list[str]], cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    from byoaws.lint import stock

    def crash(*_: object) -> None:
        raise ValueError("made up")

    monkeypatch.setattr(stock, "run", crash)
    assert lint(SOUND) == ["E0002"]
    assert entries(cache) == []


def test_a_file_that_is_too_large(lint: Callable[..., list[str]], cache: Cache) -> None:
    assert lint("#" * 2_000_001) == ["E0000"]
    assert entries(cache) == []


def test_a_file_that_changed_while_it_was_linted(cwd: Path, cache: Cache) -> None:
    path = cwd / "t.yaml"
    path.write_text(SOUND)
    known = cache.recall([path], Facts())
    assert known is not None
    path.write_text(BROKEN)
    known.remember({path: ()})
    assert entries(cache) == []


def test_settings_that_changed_while_a_file_was_linted(cwd: Path, cache: Cache) -> None:
    path = cwd / "t.yaml"
    path.write_text(SOUND)
    known = cache.recall([path], Facts())
    assert known is not None
    (cwd / ".cfnlintrc").write_text("ignore_checks: [E]\n")
    known.remember({path: ()})
    assert entries(cache) == []


# What is not trusted --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
@pytest.mark.parametrize("which", ["lint", "byoaws"])
def test_a_folder_that_others_may_write_in(
    which: str, mode: int, lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache
) -> None:
    planted()
    (cache.folder if which == "lint" else cache.folder.parent).chmod(mode)
    assert lint() == []
    assert len(entries(cache)) == 1


@pytest.mark.parametrize("mode", [0o660, 0o602])
def test_an_entry_that_others_may_write(
    mode: int, lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache
) -> None:
    planted()
    entries(cache)[0].chmod(mode)
    assert lint() == []


def test_what_belongs_to_another_user(
    lint: Callable[..., list[str]], planted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    planted()
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert lint() == []


def test_a_folder_that_is_a_link(
    lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache, tmp_path: Path
) -> None:
    planted()
    shutil.move(cache.folder, tmp_path / "moved")
    cache.folder.symlink_to(tmp_path / "moved")
    assert lint() == []


def test_an_entry_that_is_a_link(
    lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache, tmp_path: Path
) -> None:
    planted()
    (entry,) = entries(cache)
    shutil.move(entry, tmp_path / "moved")
    entry.symlink_to(tmp_path / "moved")
    assert lint() == []


def test_an_entry_that_is_a_pipe_is_not_waited_for(
    lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache
) -> None:
    planted()
    (entry,) = entries(cache)
    entry.unlink()
    os.mkfifo(entry, 0o600)
    assert lint() == []


def test_an_entry_that_was_moved_to_another_s_place(cwd: Path, cache: Cache, lint: Callable[..., list[str]]) -> None:
    lint(SOUND)
    (sound,) = entries(cache)
    lint(BROKEN)
    (broken,) = set(entries(cache)) - {sound}
    shutil.copy(sound, broken)
    assert lint() == ["E3002"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:64],
        lambda data: data.replace(b"E9199", b"E9198"),
        lambda data: data + b" ",
        lambda data: b"\0" * len(data),
        lambda data: data[:65] + b"[]",
        lambda data: b"x" * 2_000_000,
    ],
    ids=["empty", "cut", "only the sum", "changed", "longer", "zeros", "emptied", "huge"],
)
def test_an_entry_that_is_broken(
    damage: Callable[[bytes], bytes], lint: Callable[..., list[str]], planted: Callable[..., None], cache: Cache
) -> None:
    planted()
    (entry,) = entries(cache)
    entry.write_bytes(damage(entry.read_bytes()))
    assert lint() == []
    assert lint() == []


# What it must never break ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["file", "dangling link"])
def test_a_folder_that_cannot_be_made(what: str, lint: Callable[..., list[str]], cache: Cache) -> None:
    cache.folder.parent.parent.mkdir()
    if what == "file":
        cache.folder.parent.touch()
    else:
        cache.folder.parent.symlink_to("nowhere")
    assert lint(BROKEN) == ["E3002"]


def test_a_disk_that_is_full(lint: Callable[..., list[str]], cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_module.Path, "replace", full)
    assert lint(BROKEN) == ["E3002"]
    assert entries(cache) == []


def test_the_folder_and_its_entries_are_private(lint: Callable[..., list[str]], cache: Cache) -> None:
    before = os.umask(0o002)
    try:
        lint(SOUND)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (cache.folder.parent, cache.folder, *entries(cache))] == [
        0o700,
        0o700,
        0o600,
    ]


def test_the_oldest_make_room(cwd: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 3)
    for number in range(5):
        path = cwd / f"{number}.yaml"
        path.write_text(SOUND)
        known = cache.recall([path], Facts())
        assert known is not None
        known.remember({path: ()})
        for age, entry in enumerate(sorted(entries(cache), key=lambda one: one.stat().st_mtime_ns, reverse=True)):
            os.utime(entry, (time.time() - age - 1,) * 2)
    kept = [cache.recall([cwd / f"{number}.yaml"], Facts()).found for number in range(5)]  # type: ignore[union-attr]
    assert [bool(found) for found in kept] == [False, False, True, True, True]


def test_the_size_is_bounded(cwd: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_TOTAL", 500)
    paths = [cwd / f"{number}.yaml" for number in range(20)]
    for path in paths:
        path.write_text(SOUND)
    known = cache.recall(paths, Facts())
    assert known is not None
    known.remember(dict.fromkeys(paths, ()))
    assert sum(entry.stat().st_size for entry in entries(cache)) <= 500


def test_a_link_with_a_secret_is_not_written_down(lint: Callable[..., list[str]], cache: Cache) -> None:
    url = "https://us-east-1.console.aws.amazon.com/x#/stacks/create/review?templateURL=u&param_WebhookSecret=s3cr3t-value"
    lint(SOUND, link=LinkFacts(prefilled=frozenset({"WebhookSecret"}), external_id="ExternalId", url=url))
    for entry in entries(cache):
        assert b"s3cr3t-value" not in entry.read_bytes()
