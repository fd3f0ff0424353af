"""A batch that is killed again and again (``python -m Testing.Experiments.batch.kills``).

Small phantom heads are segmented and measured with the real model, once in one go and then in batches that are killed
(SIGKILL) at random moments of a run and resumed each time until they end. All must leave the same bytes, no finished
scan may be done again, and nothing temporary may remain.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]

from NeuroOrbitLib.imaging.files import save_image  # noqa: E402
from NeuroOrbitLib.phantom.patients.patient import make_patient, scan_patient  # noqa: E402
from NeuroOrbitLib.phantom.scanner.protocols import protocol  # noqa: E402
from NeuroOrbitLib.phantom.scanner.rendering import Pose  # noqa: E402

_FIRST_SEED, _SPACING_MM = 9300, 2.0


def write_heads(folder: Path, count: int) -> None:
    """Write CTs of phantom heads with voxels of 2 mm."""
    folder.mkdir(parents=True)
    plan = replace(protocol("ct-fast"), spacing=(_SPACING_MM,) * 3, size=(144, 120, 64), thickness=_SPACING_MM)
    for number in range(count):
        patient = make_patient(_FIRST_SEED + number, 0.35 * (number % 3), protocols=())
        scan = scan_patient(patient.head, Pose.neutral(), patient.muscles, plan, _FIRST_SEED + number)
        save_image(scan.image, folder / f"head{number}.nii.gz")


def start(scans: Path, output: Path, temporary: Path) -> subprocess.Popen:
    """Start the batch, or continue it, as a user does.

    :param temporary: folder for temporary files.
    """
    command = [sys.executable, "-m", "OrbitSegmentationLib", "batch", str(scans), "-o", str(output), "--device", "cpu",
               "--views", "1", *(["--resume"] if output.exists() else [])]
    return subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "TMPDIR": str(temporary)},
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finished(folder: Path) -> dict[str, int]:
    """Return the time (ns) at which each finished scan was finished."""
    return {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("*/result.json")}


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def kill_again_and_again(folder: Path, whole: dict[str, bytes], kills: int, longest: float,
                         chance: random.Random) -> list[str]:
    """Kill batches at random moments while they run, beginning a new one after each has ended; return what is wrong.

    :param folder: folder that holds the scans, for the results of each.
    :param whole: files that a batch has to leave.
    :param longest: longest time (s) until a kill.
    """
    wrong, killed, number, done, under_way = [], 0, 0, {}, False
    while killed < kills or under_way:
        output = folder / f"killed{number}"
        process = start(folder / "scans", output, folder / "temporary")
        try:
            process.wait(chance.uniform(0.0, longest) if killed < kills else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        if process.returncode > 0:
            return [*wrong, f"the batch ended with status {process.returncode}"]
        now, under_way = finished(output), process.returncode != 0
        wrong += [f"{name} was done twice" for name, when in done.items() if now.get(name) != when]
        print(f"{'killed' if under_way else 'ended'} with {len(now)} scans done", flush=True)
        if not under_way:
            wrong += differences(whole, contents(output))
            number += 1
        done = now if under_way else {}
    return wrong


def differences(whole: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    """Return the files that are missing, superfluous, or different from what they should be."""
    return [f"{name} differs" for name in sorted(whole.keys() | found.keys()) if whole.get(name) != found.get(name)]


def main(arguments: list[str] | None = None) -> int:
    """Print what the killed batches left, and whether it is right; return 1 if it is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_heads(folder / "scans", options.heads)
        begun = time.monotonic()
        (folder / "temporary").mkdir()
        start(folder / "scans", folder / "whole", folder / "temporary").wait()
        seconds = time.monotonic() - begun
        whole = contents(folder / "whole")
        print(f"{len(finished(folder / 'whole'))} heads in one go: {seconds:.0f} s, {len(whole)} files", flush=True)
        wrong = kill_again_and_again(folder, whole, options.kills, 1.2 * seconds, random.Random(options.seed))
        left = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.parent.name == "temporary"
                or path.name.startswith(".") or path.suffix in (".partial", ".tmp")]
    print(f"{options.kills} kills: {'; '.join(wrong) or 'the same files as in one go, no scan done twice'}; "
          f"temporary files left: {', '.join(left) or 'none'}")
    return int(bool(wrong or left) or len(whole) <= options.heads)


if __name__ == "__main__":
    raise SystemExit(main())
