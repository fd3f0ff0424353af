"""One command from nothing to trained weights of the default model; every stage resumes where it stopped.

``python -m OrbitSegmentationLib.any_contrast.training.train [--label-maps DIR] [-o RUN] [--package FOLDER]``
Without label maps of real heads it learns from parametric heads alone. On several GPUs:
``torchrun --nproc-per-node 4 -m OrbitSegmentationLib.any_contrast.training.train --device cuda --batch-size 8``
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.files.safe import write_json
from NeuroOrbitLib.jobs.progress import Progress
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.any_contrast.training.run_layout import (
    CHIASM_WIDTHS,
    LABEL_MAPS_NAME,
    LOCATOR_WIDTHS,
    ORBIT_WIDTHS,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.training.batches import Samples
    from OrbitSegmentationLib.any_contrast.training.whole_heads import WholeHead

#: Number of label maps to train on; the remaining ones are kept for validation.
TRAINING_HEADS = 12
#: Number of parametric heads that provide places without an orbit for the orbit network, and their voxel size (mm).
PHANTOMS_WITHOUT_ORBIT, PHANTOM_SPACING = 2, 1.5
#: Number of label maps from which on their shapes are varied as they differ, and file of a run with that shape model.
FEWEST_HEADS_WITH_SHAPES, SHAPE_MODEL_NAME = 4, "shape_model.npz"
STAGES = ("bank", "locator", "orbit", "chiasm", "package")


def main(arguments: list[str] | None = None) -> int:
    """Run the stages that the command line asks for and return the exit status."""
    options = _parser().parse_args(arguments)
    label_maps = sorted(options.label_maps.glob("*.nii.gz"))[:TRAINING_HEADS] if options.label_maps else []
    if options.label_maps and not label_maps:
        print(f"There are no label maps (*.nii.gz) in {options.label_maps}.")
        return 2
    from NeuroOrbitLib.models import check_place
    from NeuroOrbitLib.training.team import joined

    options.package = options.package or options.output / "package"
    try:
        check_place(options.package)
        with joined(options.device) as options.device:
            _run_stages(label_maps, options)
    except Problem as problem:
        print(problem)
        return 2
    return 0


def _run_stages(label_maps: list[Path], options: argparse.Namespace) -> None:
    from NeuroOrbitLib.training.team import current_team

    team = current_team()
    if set(options.stages) - {"package"}:
        names = [path.name for path in label_maps]
        _refuse_other_label_maps(options.output, names)
        if team.leads:
            options.output.mkdir(parents=True, exist_ok=True)
            write_json(options.output / LABEL_MAPS_NAME, names)
    if "bank" in options.stages and team.leads:
        _build_bank(label_maps, options)
    team.wait()
    if "locator" in options.stages:
        _train_locator(label_maps, options)
    if "orbit" in options.stages:
        _train_orbit(label_maps, options)
    if "chiasm" in options.stages:
        _train_chiasm(label_maps, options)
    if "package" in options.stages and team.leads:
        _package(options)


def _refuse_other_label_maps(run: Path, names: list[str]) -> None:
    """Refuse to go on with a run that began with other label maps, whose orbits its bank and its networks keep.

    The package would otherwise say that it had learned from the new ones alone.
    """
    record = run / LABEL_MAPS_NAME
    before = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else names
    if before != names:
        told, asked = (", ".join(each) or "parametric heads alone" for each in (before, names))
        raise Problem(f"The run in {run} learns from {told}, not from {asked}. Give the same --label-maps, or another "
                      "folder by --output.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="OrbitSegmentationLib.any_contrast.training.train", description=__doc__)
    parser.add_argument("--label-maps", type=Path, help="folder of head label maps (*.nii.gz, SynthSeg values)")
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/default_model"),
                        help="folder of the run; goes on if it exists")
    parser.add_argument("--package", type=Path, help="model package to write; in the run's folder by default")
    parser.add_argument("--stages", nargs="+", default=list(STAGES), choices=STAGES)
    parser.add_argument("--shapes-per-orbit", type=int, default=12, help="parametric orbits per real orbit")
    parser.add_argument("--phantom-heads", type=int, default=30, help="wholly parametric heads")
    parser.add_argument("--locator-steps", type=int, default=3000)
    parser.add_argument("--orbit-steps", type=int, default=20000)
    parser.add_argument("--chiasm-steps", type=int, default=3000)
    parser.add_argument("--start-from", type=Path,
                        help="model package, as wide or narrower, from whose weights a new training starts")
    parser.add_argument("--learning-rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--batch-size", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=1,
                        help="processes that make orbits and images; a GPU makes the orbit network's images itself")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _build_bank(label_maps: list[Path], options: argparse.Namespace) -> None:
    from OrbitSegmentationLib.any_contrast.training.label_bank import build_bank, build_phantom_bank
    from OrbitSegmentationLib.any_contrast.training.shape_model import OrbitShapeModel

    shapes = None
    if len(label_maps) >= FEWEST_HEADS_WITH_SHAPES:
        shapes = options.output / SHAPE_MODEL_NAME
        OrbitShapeModel.of(label_maps, shapes)
    build_bank(label_maps, options.output / "bank", options.shapes_per_orbit, options.seed, options.workers, shapes)
    build_phantom_bank(options.output / "bank", options.phantom_heads, options.seed, options.workers)


def _package(options: argparse.Namespace) -> None:
    from OrbitSegmentationLib.any_contrast.training.package import package_run

    print(f"Wrote {package_run(options.output, options.package, options.start_from).weights_path}")


def _train_locator(label_maps: list[Path], options: argparse.Namespace) -> None:
    from NeuroOrbitLib.models.compact_unet import CompactUNet
    from OrbitSegmentationLib.any_contrast.training.locator_samples import LocatorSamples
    from OrbitSegmentationLib.any_contrast.training.losses import center_loss

    _train(CompactUNet(1, 1, LOCATOR_WIDTHS), center_loss,
           LocatorSamples(label_maps, options.phantom_heads // 3, options.seed), options.locator_steps,
           options.output / "locator", options, options.workers)


def _train_orbit(label_maps: list[Path], options: argparse.Namespace) -> None:
    from NeuroOrbitLib.models.compact_unet import CompactUNet
    from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT
    from OrbitSegmentationLib.any_contrast.training.losses import cross_entropy_and_dice
    from OrbitSegmentationLib.any_contrast.training.orbit_samples import OrbitSamples

    # Other processes cannot share what the training process has on its GPU.
    workers = options.workers if options.device == "cpu" else 0
    _train(CompactUNet(1, CLASS_COUNT, ORBIT_WIDTHS), cross_entropy_and_dice,
           OrbitSamples(options.output / "bank", _heads(label_maps, options), options.device),
           options.orbit_steps, options.output / "orbit", options, workers)


def _train_chiasm(label_maps: list[Path], options: argparse.Namespace) -> None:
    from NeuroOrbitLib.models.compact_unet import CompactUNet
    from OrbitSegmentationLib.any_contrast.training.chiasm_samples import ChiasmSamples
    from OrbitSegmentationLib.any_contrast.training.losses import cross_entropy_and_dice

    _train(CompactUNet(1, 2, CHIASM_WIDTHS), cross_entropy_and_dice,
           ChiasmSamples(label_maps, options.phantom_heads // 3, options.seed), options.chiasm_steps,
           options.output / "chiasm", options, options.workers)


def _heads(label_maps: list[Path], options: argparse.Namespace) -> list[WholeHead]:
    """Return the heads from which places without an orbit are taken."""
    import numpy as np

    from OrbitSegmentationLib.any_contrast.training.head_labels import load_head
    from OrbitSegmentationLib.any_contrast.training.whole_heads import head_from_labels, parametric_head

    heads = [head_from_labels(load_head(path), every=1) for path in label_maps]
    return heads + [parametric_head(np.random.default_rng([options.seed, number]), PHANTOM_SPACING)
                    for number in range(min(options.phantom_heads, PHANTOMS_WITHOUT_ORBIT))]


def _train(network: nn.Module, loss: Callable[[Tensor, Tensor], Tensor], samples: Samples, steps: int, folder: Path,
           options: argparse.Namespace, workers: int) -> None:
    import torch

    from NeuroOrbitLib.training.batches import ShuffledBatches
    from NeuroOrbitLib.training.learning_rate import cosine_rate
    from NeuroOrbitLib.training.team import current_team
    from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings

    torch.manual_seed(options.seed)
    if options.start_from:
        from NeuroOrbitLib.models import ModelPackage
        from OrbitSegmentationLib.any_contrast.training.package import part_of
        from OrbitSegmentationLib.paper_networks.widening import widened

        if weights := part_of(ModelPackage.open(options.start_from), folder.name):
            network.load_state_dict(widened(weights, network))
    network = network.to(options.device, memory_format=torch.channels_last_3d)
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.learning_rate, weight_decay=1e-4)
    scheduler = cosine_rate(optimizer, steps, warm_up=100, floor=0.01)
    settings = TrainerSettings(steps, checkpoint_steps=250, checkpoint_minutes=3, workers=workers, bf16=True)
    team = current_team()
    batches = ShuffledBatches(samples, options.batch_size, options.seed, (team.rank, team.size))
    trainer = Trainer(network, loss, optimizer, batches, settings, folder, scheduler)
    trainer.resume()
    trainer.run(_printing())


def _printing() -> Progress:
    def report(fraction: float, message: str = "") -> None:
        print(f"{100 * fraction:5.1f} %  {message}", flush=True)

    return report


if __name__ == "__main__":
    raise SystemExit(main())
