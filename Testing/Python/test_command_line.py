"""Progress on a terminal and the exit status of commands."""

from __future__ import annotations

import argparse
import io
import sys
import types
from pathlib import Path

import pytest

from NeuroOrbitLib.command_line import TerminalProgress, main, print_json
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.problem import Problem


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_fills_and_is_wiped_at_the_end():
    terminal = Terminal()
    with TerminalProgress(terminal) as progress:
        progress(0.5, "Halfway")
        progress(1.0, "Done")
    text = terminal.getvalue()
    assert "[" + "#" * 15 + " " * 15 + "]  50%  Halfway" in text
    assert "#" * 30 in text and text.endswith("\r\033[K")


def test_a_log_file_gets_a_line_with_percent_and_remaining_time_now_and_then():
    stream, times = io.StringIO(), iter([0, *range(1, 101)])
    with TerminalProgress(stream, now=lambda: float(next(times))) as progress:
        for done in range(1, 101):
            progress(done / 100, f"Step {done}")
    lines = stream.getvalue().splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == ["10%", "40%", "70%", "100%"]
    assert lines[1] == " 40%  Step 40, about 1 min left" and "\r" not in stream.getvalue()


def test_short_work_leaves_no_line_in_a_pipe():
    stream = io.StringIO()
    with TerminalProgress(stream) as progress:
        progress(0.5, "Halfway")
        progress(1.0, "Done")
    assert stream.getvalue() == ""


@pytest.fixture
def command(monkeypatch):
    """A package with one command ``do`` whose ``run`` the test sets."""
    module = types.ModuleType("toy_commands.do")
    module.add_parser = lambda subparsers: subparsers.add_parser("do").add_argument("--json", action="store_true")
    monkeypatch.setitem(sys.modules, "toy_commands", types.ModuleType("toy_commands"))
    monkeypatch.setitem(sys.modules, "toy_commands.do", module)
    return module


def run(argv: list[str]) -> int:
    return main("toy", "A toy.", "toy_commands", ["do"], argv)


def test_a_command_gets_its_arguments_and_gives_the_status(command):
    seen: list[argparse.Namespace] = []
    command.run = lambda arguments: seen.append(arguments) or 0
    assert run(["do", "--json"]) == 0
    assert seen[0].json is True


@pytest.mark.parametrize(
    "error, words",
    [
        (Problem("The scan is empty. Choose another."), "Error: The scan is empty. Choose another."),
        (Cancelled(), "Cancelled"),
        (KeyboardInterrupt(), "Cancelled"),
        (MemoryError(), "not enough memory"),
        (IsADirectoryError(21, "Is a directory", "/data/report"), "Error: /data/report: Is a directory. Check"),
        (OSError("no space"), "A file: no space"),
    ],
)
def test_what_the_user_can_change_is_one_line_and_status_one(command, capsys, error, words):
    def fail(arguments):
        raise error

    command.run = fail
    assert run(["do"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and words in lines[0]


def test_a_fault_of_the_program_is_not_hidden(command):
    def fail(arguments):
        raise KeyError("bug")

    command.run = fail
    with pytest.raises(KeyError):
        run(["do"])


def test_json_for_machines_refuses_what_json_cannot_say():
    with pytest.raises(ValueError):
        print_json({"value": float("nan")})


def test_letters_that_the_output_lacks_are_written_as_codes(command, monkeypatch):
    def show(_arguments):
        print("患者 written")
        raise Problem("患者 is empty.")

    command.run = show
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\n") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    assert run(["do"]) == 1
    out.flush()
    err.flush()
    assert out.buffer.getvalue() == b"\\u60a3\\u8005 written\n"
    assert err.buffer.getvalue() == b"Error: \\u60a3\\u8005 is empty.\n"


def test_streams_that_are_not_there_or_cannot_be_set_are_left_alone(command, monkeypatch):
    command.run = lambda arguments: 0
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert run(["do"]) == 0


@pytest.mark.parametrize("argv", [["do", ""], ["do", "--json", ""], [""]])
def test_an_empty_argument_is_no_file_of_the_working_folder(command, capsys, argv):
    command.add_parser = lambda subparsers: subparsers.add_parser("do").add_argument("path", nargs="?", type=Path)
    command.run = lambda arguments: 0
    with pytest.raises(SystemExit) as ended:
        run(argv)
    assert ended.value.code == 2
    assert "An argument is empty" in capsys.readouterr().err


def test_a_command_is_called_with_a_dash_whatever_its_module_is_called(monkeypatch, capsys):
    module = types.ModuleType("toy_commands.do_it")
    module.add_parser, module.run = lambda subparsers: subparsers.add_parser("do-it"), lambda arguments: 0
    monkeypatch.setitem(sys.modules, "toy_commands", types.ModuleType("toy_commands"))
    monkeypatch.setitem(sys.modules, "toy_commands.do_it", module)
    assert main("toy", "A toy.", "toy_commands", ["do-it"], ["do-it"]) == 0
    assert main("toy", "A toy.", "toy_commands", ["do-it"], ["do_it"]) == 0, "as in scripts of earlier versions"
