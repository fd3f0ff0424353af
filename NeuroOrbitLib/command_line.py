"""What the command lines of all modules share: exit status, errors in one line, progress on a terminal."""

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

from NeuroOrbitLib.jobs.eta import RemainingTime, remaining_text
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

SUCCESS = 0
FAILURE = 1
USAGE = 2
_BAR_WIDTH = 30
#: Seconds from bar to bar on a terminal; until the first line elsewhere, and from line to line.
_BAR_SECONDS, _FIRST_LINE_SECONDS, _LINE_SECONDS = 0.1, 10.0, 30.0


class Command(Protocol):
    """A module that is one command."""

    def add_parser(self, subparsers: Any) -> None:
        """Describe the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; returns the exit status."""


def main(program: str, description: str, package: str, commands: Sequence[str], argv: Sequence[str] | None,
         extend: Callable[[Command], Command] = lambda command: command,
         shared: Mapping[str, Command] = MappingProxyType({})) -> int:
    """Run one command of ``package`` and return the exit status: 0 done, 1 it could not be done, 2 wrong usage.

    :param program: how the user called it.
    :param package: package that holds the command modules.
    :param commands: their names, as they are typed; of one with a dash, the module has an underscore. They are
        imported for ``--help``, so they must import nothing heavy.
    :param shared: those of the commands that are no modules of the package.
    :param extend: adds to every command what they all share in this package, e.g. an option.
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
    if "" in given:  # else it would be taken for the folder that one is in
        parser.error("An argument is empty. Give a name in its place; perhaps a variable of the shell is not set.")
    arguments = parser.parse_args(given)
    try:
        _keep_what_is_read(arguments)
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
    """Say which arguments of a command name files that it writes: none may be a file that it reads, or another of them.

    :param names: of the parsed arguments, e.g. ``"output"``; each holds a path, a list of paths, or none. Of one that
        holds a folder, the files in it, e.g. ``"output/heat.nii.gz"``.
    """
    parser.set_defaults(written=names)


def _keep_what_is_read(arguments: argparse.Namespace) -> None:
    """Make sure, before anything is computed, that no result replaces what the command reads, or another result.

    :raises Problem: naming the file.
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


def _paths(value: object, file: str = "") -> list[str]:
    """The paths that the value of an argument names, or those of a file of this name in the folders that it names."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return [os.path.join(each, file) if file else str(each) for each in values if isinstance(each, (str, Path))]


def _files(paths: list[str]) -> list[str]:
    """Those of the paths at which a file exists."""
    return [path for path in paths if os.path.isfile(path)]


def at_least_one(text: str) -> int:
    """Read an argument that counts something, before anything is computed with it; a ``type`` of :mod:`argparse`."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def print_json(data: Any) -> None:
    """Write ``data`` to standard output as JSON for machines."""
    print(json.dumps(data, indent=2, allow_nan=False))


class TerminalProgress:
    """A progress bar on a terminal; lines now and then when standard error is a file or a pipe.

    A line tells percent, message and remaining time. The first comes after :data:`_FIRST_LINE_SECONDS`, so that short
    work leaves no lines; then one comes every :data:`_LINE_SECONDS`.

    :param stream: where to draw; standard error by default, so that results can be piped.
    :param now: clock in seconds.
    """

    def __init__(self, stream: TextIO | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.is_terminal = self.stream.isatty()
        self.remaining, self.now = RemainingTime(), now
        self.next_at = now() + (0.0 if self.is_terminal else _FIRST_LINE_SECONDS)

    def __call__(self, fraction: float, message: str = "") -> None:
        """Show ``fraction`` done (0 to 1): a bar at most ten times a second, a line at most twice a minute."""
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
    """Write letters that the terminal's or a file's encoding lacks as codes, e.g. of file names on Windows."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _fail(message: str) -> int:
    print(f"Error: {message}", file=sys.stderr)
    return FAILURE
