"""``python -m Testing.Attack.run``: tries hundreds of damaged inputs and prints a table of the outcomes.

The columns are tried, right, told (refused with a message), unseen and wrong. Changed voxels of files without a
checksum cannot be detected and count as unseen. The exit status is 1 if any outcome is wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from Testing.Attack.image_files import damaged_files, damaged_headers
from Testing.Attack.interrupted_writing import full_disks, killed_programs
from Testing.Attack.kept_files import damaged_checkpoints, damaged_progress, garbage_of_workers
from Testing.Attack.outcome import Tally
from Testing.Attack.packages import damaged_packages
from Testing.Attack.series import damaged_series
from Testing.Attack.tables_and_names import names, tables

#: Attempts besides image files: (folder, seed, repeats) -> attempts.
ATTEMPTS = (damaged_series, damaged_packages, tables, names, damaged_checkpoints, damaged_progress, garbage_of_workers,
            full_disks, killed_programs)


def main(arguments: list[str] | None = None) -> int:
    """Make all attempts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of all chance (default 0)")
    parser.add_argument("--repeats", type=int, default=20, help="of every kind of damage (default 20)")
    options = parser.parse_args(arguments)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        tally.add_all(damaged_files(Path(folder), options.seed, options.repeats))
        tally.add_all(damaged_headers(Path(folder)))
        for attempts in ATTEMPTS:
            tally.add_all(attempts(Path(folder), options.seed, options.repeats))
    print(tally.table())
    for line in tally.wrong:
        print(line, file=sys.stderr)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
