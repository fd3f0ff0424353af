"""A batch that is killed again and again (``python -m Testing.Experiments.batch.kills``).

Small phantom heads are segmented and measured with the real model, once in one go and once killed (SIGKILL) at random
moments and begun again each time. Both must leave the same bytes, no finished scan may be done again, and nothing
temporary may remain.
"""

from __future__ import annotations

import argparse
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
    """Write CTs of phantom heads in voxels of 2 mm."""
    folder.mkdir(parents=True)
    plan = replace(protocol("ct-fast"), spacing=(_SPACING_MM,) * 3, size=(144, 120, 64), thickness=_SPACING_MM)
    for number in range(count):
        patient = make_patient(_FIRST_SEED + number, 0.35 * (number % 3), protocols=())
        scan = scan_patient(patient.head, Pose.neutral(), patient.muscles, plan, _FIRST_SEED + number)
        save_image(scan.image, folder / f"head{number}.nii.gz")


def start(scans: Path, output: Path) -> subprocess.Popen:
    """Begin the batch, or go on with it, as a user does."""
    command = [sys.executable, "-m", "OrbitSegmentationLib", "batch", str(scans), "-o", str(output), "--device", "cpu"]
    return subprocess.Popen([*command, *(["--resume"] if output.exists() else [])], cwd=REPOSITORY,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finished(folder: Path) -> dict[str, int]:
    """When each scan that is done was done (ns)."""
    return {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("*/result.json")}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def kill_again_and_again(scans: Path, output: Path, kills: int, longest: float, chance: random.Random) -> list[str]:
    """Kill a batch at random moments, then let it end; return which scans were done twice."""
    done, twice = {}, []
    for number in range(kills + 1):
        process = start(scans, output)
        if number < kills:
            time.sleep(chance.uniform(0.0, longest))
            process.kill()
        process.wait()
        now = finished(output)
        twice += [name for name, when in done.items() if now.get(name) != when]
        print(f"{'killed' if number < kills else 'ended'} with {len(now)} scans done", flush=True)
        done = now
    return twice


def main(arguments: list[str] | None = None) -> int:
    """Print what the killed batch left, and whether that is right; 1 if it is not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_heads(folder / "scans", options.heads)
        begun = time.monotonic()
        start(folder / "scans", folder / "whole").wait()
        seconds = time.monotonic() - begun
        print(f"{len(finished(folder / 'whole'))} heads in one go: {seconds:.0f} s", flush=True)
        longest = 2.0 * seconds / max(options.kills, 1) + seconds / options.heads
        twice = kill_again_and_again(folder / "scans", folder / "killed", options.kills, longest,
                                     random.Random(options.seed))
        whole, killed = contents(folder / "whole"), contents(folder / "killed")
        other = sorted(name for name in whole.keys() | killed.keys() if whole.get(name) != killed.get(name))
        hidden = [str(path.relative_to(folder)) for path in folder.rglob("*")
                  if path.name.startswith(".") or path.suffix in (".partial", ".tmp")]
    print(f"{options.kills} kills: {len(whole)} files, {len(other)} differ {other}; done twice: {twice}; "
          f"temporary files left: {hidden}")
    complete = len(whole) > options.heads
    return int(bool(other or twice or hidden) or not complete)


if __name__ == "__main__":
    raise SystemExit(main())
