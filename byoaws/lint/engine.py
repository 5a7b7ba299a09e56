"""Lint templates and policies with cfn-lint's own rules and ours: what is known already, and the rest on every core."""

import contextlib
import functools
import gc
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from byoaws.lint.cache import Cache
from byoaws.lint.files import find_templates
from byoaws.lint.interface import Facts, LinkFacts, Linted, Progress
from byoaws.model import Finding

if TYPE_CHECKING:
    from byoaws.lint.judge import Judgement

# With the collector off, each file leaves its garbage behind.
_FILES_PER_COLLECTION = 16

# Rules keep state while they run, and the garbage collector is the whole process's.
_LOCK = threading.Lock()


def lint(
    paths: Sequence[str | Path], *, link: LinkFacts | None = None, asked: frozenset[str] = frozenset()
) -> list[Finding]:
    """Lint in this process, and return the findings alone; arguments and errors are those of `check`."""
    return list(check(paths, link=link, asked=asked).findings)


def check(
    paths: Sequence[str | Path],
    *,
    link: LinkFacts | None = None,
    asked: frozenset[str] = frozenset(),
    only_templates: bool = False,
    progress: Progress | None = None,
    jobs: int | None = 1,
    cache: Cache | None = None,
) -> Linted:
    """Lint templates and bare IAM policies, and every template in the folders named.

    cfn-lint's own settings hold: a `.cfnlintrc`, `Metadata` in a template, `AWS_REGION`. The first call imports
    cfn-lint, which takes about half a second, unless everything is in the cache.

    Args:
        paths: Files, always linted, and folders, searched for templates.
        link: What the vendor's link pre-fills; without it the rules about links are silent.
        asked: The IAM actions that the vendor's packs ask for; without them SES API v2 is taken to be called.
        only_templates: Leave out what is no template also where it is named.
        progress: Is told of every file that is done.
        jobs: How many processes to work with at most; None is one for each core.
        cache: Where results are kept; None keeps none.

    Returns:
        Findings sorted by path, line, column and code. What is no template is a finding (E0000), and so is a file of
        which nothing could be told (E0002); neither is an error.

    Raises:
        UsageError: a path is missing or unreadable, a folder holds no template, or cfn-lint's settings are wrong.
    """
    templates = find_templates(paths, only_templates=only_templates)
    facts = Facts(link=link, asked=asked)
    known = cache.recall(templates, facts) if cache else None
    found = dict(known.found) if known else {}
    rest = [template for template in templates if template not in found]
    if rest:
        done = _judge(rest, facts, jobs, progress)
        found |= {template: judgement.findings for template, judgement in done.items()}
        if known:
            known.remember({template: one.findings for template, one in done.items() if one.lasting})
    findings = {finding for template in templates for finding in found[template]}
    return Linted(
        folder=os.getcwd(),
        files=tuple(map(str, templates)),
        findings=tuple(sorted(findings, key=lambda one: (one.path, one.line, one.column, one.code, one.message))),
    )


def _judge(
    templates: Sequence[Path], facts: Facts, jobs: int | None, progress: Progress | None
) -> "Mapping[Path, Judgement]":
    from byoaws.lint.judge import Judge  # and with it PyYAML; cfn-lint only once one is made
    from byoaws.lint.workers import cores, judge_all

    done = {}
    judged = judge_all(templates, functools.partial(Judge, facts), cores() if jobs is None else jobs)
    with _LOCK, _no_collector(), contextlib.closing(judged):
        for template, judgement in judged:
            done[template] = judgement
            if progress:
                progress(len(done), len(templates))
            if len(done) % _FILES_PER_COLLECTION == 0:
                gc.collect()
    return done


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """Hold back the garbage collector, which costs a sixth of a lint and finds next to nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
