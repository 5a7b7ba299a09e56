"""Find a vendor file, by name or by path, and read it.

Built-in vendors are the YAML files of this package. Other distributions add names through the entry-point group
`byoaws.vendors`: the entry point `acme = "acme_byoaws"` names a package that holds `acme.yaml`. They never replace a
built-in. What the file says is checked in `byoaws.vendors.reader`, which is loaded only here and only when needed.
"""

import functools
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from byoaws import shipped
from byoaws.errors import UnknownName, UsageError, VendorFileError
from byoaws.packs import Pack
from byoaws.problem import Problem
from byoaws.vendor_model import Vendor
from byoaws.vendors.words import closest, plain

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

MAX_BYTES = 256 * 1024
_PACKAGE = "byoaws.vendors"
_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
_SUFFIXES = (".yaml", ".yml")


def load_vendor(name_or_path: str, env: Mapping[str, str]) -> Vendor:
    """Read a vendor file.

    Args:
        name_or_path: a path if it holds a `/` or ends in `.yaml` or `.yml`, else the name of a built-in vendor.
        env: the environment variables that `${NAME}` in the file stands for.

    Raises:
        UnknownName: no built-in vendor of that name.
        VendorFileError: the file has mistakes; all of them are listed.
        UsageError: the file cannot be read, or is no file of at most 256 KiB.
    """
    if _is_path(name_or_path):
        source, called = plain(name_or_path, 300), None
        content = _read_path(name_or_path, f"vendor file '{source}'")
        read_file = beside(name_or_path)
    else:
        package, called = _package(name_or_path), name_or_path
        source = f"{package.replace('.', '/')}/{name_or_path}.yaml"
        content = _read_packaged(package, name_or_path)
        read_file = functools.partial(_read_beside_packaged, package)
    text = _text(content, source)
    from byoaws.vendors.reader import known_names, read_vendor

    return read_vendor(text, source=source, env=env, known=known_names(), called=called, read_file=read_file)


def load_own_packs(items: Iterable[str], source: str) -> dict[str, Pack]:
    """Read the packs that are files, by their path.

    Args:
        items: As `packs` of a vendor file has them; names of packs that ship with byoaws are passed over.
        source: The vendor file beside which they are; it need not be there.

    Raises:
        VendorFileError: every mistake in them.
    """
    from byoaws.vendors.document import Document
    from byoaws.vendors.names import is_pack_file
    from byoaws.vendors.own_packs import own_packs

    files = [item for item in items if is_pack_file(item)]
    document = Document(value={"packs": list(files)})
    found = own_packs(document, beside(source), source)
    if document.problems:
        ordered = sorted(document.problems, key=lambda problem: (problem.source, problem.line or 0))
        raise VendorFileError(source, ordered)
    return dict(zip(files, found, strict=True))


def beside(source: str) -> Callable[[str], str]:
    """Return what reads the files that the vendor file at `source` names."""
    return functools.partial(_read_beside, os.path.dirname(source) or os.curdir)


def _read_beside(folder: str, path: str) -> str:
    """Return the text of a file that a vendor file in `folder` names, such as a permission pack of its own.

    Raises:
        UsageError: it cannot be read, is no file of at most 256 KiB, or is a link that leads out of the folder.
        VendorFileError: it is not UTF-8.
    """
    folder = os.path.realpath(folder)
    target = os.path.realpath(os.path.join(folder, path))
    # What stands in a file outside would show in messages.
    if os.path.commonpath([folder, target]) != folder:
        raise UsageError(f"'{plain(path)}' is a link that leads out of the vendor file's folder")
    return _text(_read_path(target, f"'{plain(path)}'", "the path begins at the vendor file's own folder"), plain(path))


def builtin_vendors() -> list[str]:
    """Names that `load_vendor` knows, sorted: those of this package, and those that other distributions add."""
    return sorted({*_own(), *_added()})


def _is_path(text: str) -> bool:
    return "/" in text or os.sep in text or text.lower().endswith(_SUFFIXES)


def _own() -> list[str]:
    files = shipped.folder(_PACKAGE).iterdir()
    return [file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")]


def _added() -> dict[str, str]:
    """Names that other distributions add, with the package that holds each file."""
    # Costs more than all the rest of finding a file, and a built-in name never needs it.
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=_PACKAGE) if _NAME.fullmatch(point.name)}


def _package(name: str) -> str:
    """Return the package that holds the file of a vendor; our own comes first."""
    own = _own()
    if name in own:
        return _PACKAGE
    added = _added()
    if name not in added:
        raise _unknown(name, [*own, *added])
    return added[name]


def _folder(package: str) -> "Traversable":
    if package == _PACKAGE:
        return shipped.folder(package)
    from importlib import resources

    return resources.files(package)


def _read_packaged(package: str, name: str) -> bytes:
    try:
        return _folder(package).joinpath(f"{name}.yaml").read_bytes()
    except (ImportError, OSError, TypeError, ValueError) as error:
        raise UsageError(
            f"vendor '{name}': package '{plain(package)}' has no readable {name}.yaml",
            hint=f"reinstall the distribution that offers it ({plain(str(error), 200)})",
        ) from error


def _unknown(name: str, known: list[str]) -> UnknownName:
    error = UnknownName("vendor", plain(name), known)
    near = closest(name, known)
    guess = f"did you mean '{near}'? " if near else ""
    error.hint = f"{guess}{error.hint}; a file of your own is given with its path, such as ./byoaws.yaml"
    return error


def _read_beside_packaged(package: str, path: str) -> str:
    try:
        content = _folder(package).joinpath(path).read_bytes()
    except (ImportError, OSError, TypeError, ValueError) as error:
        raise UsageError(f"package '{plain(package)}' has no readable {plain(path)}") from error
    return _text(content, plain(path))


def _read_path(path: str, what: str, hint: str = "") -> bytes:
    """Return the content of a regular file; anything else could block, or never end."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            instead = "is a directory" if stat.S_ISDIR(mode) else "is not a regular file"
            raise UsageError(f"{what} {instead}", hint="give the path of a YAML file")
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{what} cannot be read: {reason.lower()}",
            hint=hint or f"give a path, or the name of a built-in vendor: {', '.join(builtin_vendors())}",
        ) from error


def _text(content: bytes, source: str) -> str:
    if len(content) > MAX_BYTES:
        raise UsageError(
            f"vendor file '{source}' is larger than {MAX_BYTES // 1024} KiB",
            hint="a vendor file takes about 2 KiB; is this another file?",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = content.count(b"\n", 0, error.start) + 1, error.start - content.rfind(b"\n", 0, error.start)
        message = f"not UTF-8: byte 0x{content[error.start]:02x}; save the file as UTF-8"
        raise VendorFileError(source, [Problem(where="", line=line, column=column, message=message)]) from None
