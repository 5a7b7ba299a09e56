"""Lambda functions whose source stands in the template (`ZipFile`), and what Lambda makes of it.

Source: Lambda developer guide and CloudFormation user guide, AWS::Lambda::Function Code: the file is called `index`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from byoaws.lint.code.inline_source import nearest, node_flaw, node_names, plainly_defines, python_flaw, python_names
from byoaws.lint.worlds.walk import Mistake, Path, Spot, mistakes_in

_KIND = "AWS::Lambda::Function"
_FILE = "index"
_NAMES: Mapping[str, Callable[[str], frozenset[str] | None]] = {"python": python_names, "nodejs": node_names}


def wrong_handlers(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the handlers that name another file than `index`, or a function that the source does not have."""
    return mistakes_in(template, [_KIND], _wrong_handler)


def _wrong_handler(name: str, spot: Spot) -> Iterator[Mistake]:
    handler, zip_file, language = spot.at("Handler"), spot.at("Code", "ZipFile"), _language(spot)
    text = None if handler.is_absent else handler.text()
    if text is None or zip_file.is_absent or language is None:
        return
    file, _, function = text.rpartition(".") if language == "python" else text.partition(".")
    if file != _FILE or not function:
        wanted = function.rpartition(".")[2] if function and file else "handler"
        yield Mistake(
            path=handler.path,
            message=f"function '{name}' has handler '{text}', but Lambda calls the file of a ZipFile '{_FILE}'",
            fix=f"write 'Handler: {_FILE}.{wanted}'",
        )
        return
    source, first = zip_file.whole(), function.partition(".")[0]
    if source is None or plainly_defines(source, re.escape(first)):
        return
    names = _NAMES[language](source)
    if names is not None and first not in names:
        meant = nearest(first, names)
        yield Mistake(
            path=handler.path,
            message=f"function '{name}' has handler '{text}', but its ZipFile has no '{first}'",
            fix=f"write 'Handler: {_FILE}.{meant}'" if meant else f"define '{first}' in the ZipFile",
        )


def _language(spot: Spot) -> str | None:
    runtime = spot.at("Runtime")
    text = None if runtime.is_absent else runtime.text()
    return next((language for language in _NAMES if str(text).startswith(language)), None)


def broken_sources(template: Mapping[str, Any]) -> list[tuple[Mistake, int]]:
    """Find the sources that cannot be loaded, each with the line of the source."""
    lines: dict[Path, int] = {}

    def look(name: str, spot: Spot) -> Iterator[Mistake]:
        zip_file = spot.at("Code", "ZipFile")
        source, runtime = (None, None) if zip_file.is_absent else (zip_file.whole(), spot.at("Runtime").text())
        flaw = python_flaw(source, runtime) or node_flaw(source, runtime) if source and runtime else None
        if flaw and not (flaw.is_module and not spot.at("Layers").is_absent):
            path = _line_path(zip_file, flaw.line)
            lines.setdefault(path, flaw.line)
            message = f"function '{name}' cannot be loaded: {flaw.message} (line {flaw.line} of its ZipFile)"
            yield Mistake(path=path, message=message, fix=flaw.fix)

    return [(mistake, lines[mistake.path]) for mistake in mistakes_in(template, [_KIND], look)]


def _line_path(zip_file: Spot, line: int) -> Path:
    """Return the place of a line where lines are joined, else that of the text."""
    written, path = zip_file.written, zip_file.path
    if isinstance(written, Mapping) and "Fn::Sub" in written:
        text = written["Fn::Sub"]
        return (*path, "Fn::Sub") if isinstance(text, str) else (*path, "Fn::Sub", 0)
    join = written.get("Fn::Join") if isinstance(written, Mapping) else None
    return (*path, "Fn::Join", 1, line - 1) if _joins_lines(join, line) else path


def _joins_lines(join: Any, line: int) -> bool:
    if not isinstance(join, list) or len(join) != 2 or join[0] != "\n" or not isinstance(join[1], list):
        return False
    return line <= len(join[1]) and not any(isinstance(part, str) and "\n" in part for part in join[1])


def reserved_concurrency(template: Mapping[str, Any]) -> list[Mistake]:
    """Find the functions that reserve some of the account's concurrency."""
    return mistakes_in(template, [_KIND, "AWS::Serverless::Function"], _reserved)


def _reserved(name: str, spot: Spot) -> Iterator[Mistake]:
    reserved = spot.at("ReservedConcurrentExecutions")
    text = None if reserved.is_absent else reserved.text()
    # 0 takes nothing from the others: it switches the function off.
    if text and text.isdigit() and int(text) > 0:
        message = (
            f"function '{name}' reserves {int(text)} concurrent executions; a new account has 10 in all and must keep "
            "10 unreserved, so the stack fails there"
        )
        yield Mistake(path=reserved.path, message=message)
