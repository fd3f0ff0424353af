"""Set up everything that the demo and the tests need: ``python3 -m Testing.Setup`` (``make setup``).

Standard library only, because it runs before anything is installed. Running it again when nothing has changed
takes milliseconds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from Testing.Setup import (
    environment,
    interpreter,
    lock,
    packages,
    radiomics_build,
    stamp,
    system_libraries,
    torch_build,
    wheels,
)
from Testing.Setup.console import SetupError, say

REPOSITORY = Path(__file__).resolve().parents[2]


def parse_arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="make setup", description="Set up NeuroOrbit for its demo and its tests.")
    parser.add_argument("--environment", type=Path, default=REPOSITORY / ".venv", help="folder of the environment")
    parser.add_argument("--without-torch", action="store_true", help="all but torch and what needs it")
    parser.add_argument("--without-system-libraries", action="store_true", help="leave the system as it is")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="install from this folder, without the Internet")
    parser.add_argument("--force", action="store_true", help="go through all steps even where nothing has changed")
    return parser.parse_args()


def set_up(arguments: argparse.Namespace) -> None:
    """Run the steps that are not done yet.

    :raises SetupError: if the user has to do something; the message says what.
    """
    folder = arguments.environment.absolute()
    wanted = stamp.fingerprint(REPOSITORY, without_torch=arguments.without_torch)
    if stamp.is_current(folder, wanted) and not arguments.force:
        return
    if arguments.wheels is not None:
        wheels.use(arguments.wheels)
    if not arguments.without_system_libraries:
        system_libraries.ensure()
    python = environment.ensure(folder, interpreter.find())
    packages.install_build_tools(python)
    if not arguments.without_torch:
        torch_build.ensure(python)
        lock.install(python)
    packages.install_product(python, REPOSITORY, without_torch=arguments.without_torch)
    radiomics_build.ensure(python)
    stamp.write(folder, wanted)
    say(f"Ready: {python}")


def main() -> int:
    """Set up; return 0 when everything is in place, 1 when the user has to do something first."""
    try:
        set_up(parse_arguments())
    except SetupError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
