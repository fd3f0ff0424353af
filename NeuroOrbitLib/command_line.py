"""Shared code of the command lines of all modules: exit status, errors in one line, progress on a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TextIO

from NeuroOrbitLib.files.safe import is_writable, why_not_written
from NeuroOrbitLib.jobs.eta import RemainingTime, remaining_text
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

SUCCESS = 0
FAILURE = 1
USAGE = 2
_BAR_WIDTH = 30
#: Seconds between updates of the bar on a terminal; elsewhere, seconds until the first line and between lines.
_BAR_SECONDS, _FIRST_LINE_SECONDS, _LINE_SECONDS = 0.1, 10.0, 30.0


class Command(Protocol):
    """Interface of a module with one command."""

    def add_parser(self, subparsers: Any) -> None:
        """Add the parser of the command with its arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the command and return the exit status."""


def main(program: str, description: str, package: str, commands: Sequence[str], argv: Sequence[str] | None,
         extend: Callable[[Command], Command] = lambda command: command,
         shared: Mapping[str, Command] = MappingProxyType({})) -> int:
    """Run one command of ``package`` and return the exit status: 0 for success, 1 for failure, 2 for wrong usage.

    :param program: name of the program in its help.
    :param description: description of the program in its help.
    :param package: package with one module for each command.
    :param commands: names of the commands as they are typed; a dash is an underscore in the module's name. All modules
        are imported for ``--help``, so they must not import anything heavy.
    :param argv: arguments; those of the process if ``None``.
    :param extend: function that adds to each command what all commands of the package share, e.g. an option.
    :param shared: commands that are not modules of the package, by name.
    :raises SystemExit: with status 2 for wrong usage, with 0 for ``--help``.
    """
    _write_all_letters()
    parser = argparse.ArgumentParser(prog=program, description=description)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {name: extend(shared[name] if name in shared else import_module(f"{package}.{name.replace('-', '_')}"))
               for name in commands}
    for module in modules.values():
        module.add_parser(subparsers)
    given = list(sys.argv[1:] if argv is None else argv)
    given[:1] = [name.replace("_", "-") if name.replace("_", "-") in commands else name for name in given[:1]]
    if "" in given:  # else it would be taken for the current folder
        parser.error("An argument is empty. Give a name in its place; perhaps a variable of the shell is not set.")
    arguments = parser.parse_args(given)
    try:
        _check_results(arguments)
        return modules[arguments.command].run(arguments)
    except Problem as problem:
        return _fail(str(problem))
    except (KeyboardInterrupt, Cancelled):
        return _fail("Cancelled.")
    except MemoryError:
        return _fail("There is not enough memory. Close other programs, or use a smaller volume.")
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the output has gone; Python would report an error about it at exit
        return FAILURE
    except OSError as error:
        return _fail(f"{error.filename or 'A file'}: {error.strerror or error}. Check the name, your permissions and "
                     "the space that is left.")


def writes(parser: argparse.ArgumentParser, *names: str) -> None:
    """Declare the arguments of a command that name files to write.

    They are checked before anything is computed: each must be writable, and none may replace an input or another
    result.

    :param parser: parser of the command.
    :param names: names of parsed arguments, e.g. ``"output"``, whose value is a path, a list of paths, or none. For an
        argument that is a folder, each file in it is given, e.g. ``"output/heat.nii.gz"``.
    """
    parser.set_defaults(written=names)


def _check_results(arguments: argparse.Namespace) -> None:
    """Make sure, before anything is computed, that results can be written and replace no input and no other result.

    :raises Problem: naming the file that cannot be written or would be replaced.
    """
    written = [name.partition("/") for name in getattr(arguments, "written", ())]
    places = [place for name, _slash, file in written for place in _paths(getattr(arguments, name), file)]
    own = {"command", "written", *(name for name, _slash, _file in written)}
    read = [path for name, value in vars(arguments).items() if name not in own for path in _files(_paths(value))]
    for path in _files(places):
        if any(os.path.samefile(path, other) for other in read):
            raise Problem(_("The result would overwrite {path}, which is read. Choose another name for it.").format(
                path=path))
    for number, place in enumerate(places):
        if any(os.path.realpath(place) == os.path.realpath(other) for other in places[:number]):
            raise Problem(_("Two results would be written to {path}. Choose another name for one of them.").format(
                path=place))
        try:
            is_usable = os.path.isdir(place) or is_writable(Path(place))
        except OSError as error:
            raise Problem(why_not_written(Path(place), error)) from error
        if not is_usable:
            raise Problem(why_not_written(Path(place)))


def _paths(value: object, file: str = "") -> list[str]:
    """Return the paths in the value of an argument, or those of ``file`` in the folders in it."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return [os.path.join(each, file) if file else str(each) for each in values if isinstance(each, (str, Path))]


def _files(paths: list[str]) -> list[str]:
    """Return the paths that are existing files."""
    return [path for path in paths if os.path.isfile(path)]


def at_least_one(text: str) -> int:
    """Return an argument as an integer from 1; a ``type`` for :mod:`argparse`.

    :raises argparse.ArgumentTypeError: if it is not one.
    """
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def print_json(data: Any) -> None:
    """Write ``data`` to standard output as JSON for machines."""
    print(json.dumps(data, indent=2, allow_nan=False))


class TerminalProgress:
    """A progress bar on a terminal; occasional lines if standard error is a file or a pipe.

    A line gives percent, message and remaining time. The first comes after :data:`_FIRST_LINE_SECONDS`, so that short
    work leaves no lines; then one comes every :data:`_LINE_SECONDS`.

    :param stream: stream to write to; standard error by default, so that results can be piped.
    :param now: function that returns the time in seconds.
    """

    def __init__(self, stream: TextIO | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.is_terminal = self.stream.isatty()
        self.remaining, self.now = RemainingTime(), now
        self.next_at = now() + (0.0 if self.is_terminal else _FIRST_LINE_SECONDS)

    def __call__(self, fraction: float, message: str = "") -> None:
        """Show the fraction done (0 to 1): in a bar at most ten times a second, or a line at most twice a minute."""
        now = self.now()
        left = remaining_text(self.remaining.update(fraction, now))
        is_last_bar = self.is_terminal and fraction >= 1
        if now < self.next_at and not is_last_bar:
            return
        self.next_at = now + (_BAR_SECONDS if self.is_terminal else _LINE_SECONDS)
        details = ", ".join(part for part in (message, left) if part)
        if self.is_terminal:
            bar = "#" * round(fraction * _BAR_WIDTH)
            self.stream.write(f"\r\033[K[{bar:<{_BAR_WIDTH}}] {fraction:4.0%}  {details}"[:200])
        else:
            self.stream.write(f"{fraction:4.0%}  {details}\n")
        self.stream.flush()

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.is_terminal:
            self.stream.write("\r\033[K")
            self.stream.flush()


def _write_all_letters() -> None:
    """Let letters that the encoding of an output lacks be written as codes, e.g. in file names on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _fail(message: str) -> int:
    print(f"Error: {message}", file=sys.stderr)
    return FAILURE
