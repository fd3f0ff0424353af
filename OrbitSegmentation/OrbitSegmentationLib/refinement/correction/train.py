"""One command from nothing to the model package of AutoCorrection; every stage resumes where it stopped.

``python -m OrbitSegmentationLib.refinement.correction.train [-o RUN] [--package FOLDER]``
It learns from parametric heads alone: no patient's image or label map is needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

STAGES = ("slabs", "network", "package")
_LEARNING_RATE = 3e-3
_BORDER_WEIGHT = 2.0


def main(arguments: list[str] | None = None) -> int:
    """Run the stages that the command line names, and return the exit status."""
    from NeuroOrbitLib.models import check_place
    from NeuroOrbitLib.problem import Problem

    options = _parser().parse_args(arguments)
    options.package = options.package or options.output / "package"
    try:
        check_place(options.package)
    except Problem as problem:
        print(problem)
        return 2
    if "slabs" in options.stages:
        from OrbitSegmentationLib.refinement.correction.slabs import build_slabs

        build_slabs(options.output / "slabs", options.heads, options.seed, _print)
    if "network" in options.stages:
        train_network(options)
    if "package" in options.stages:
        from OrbitSegmentationLib.refinement.correction.package import package_run

        print(f"Wrote {package_run(options.output, options.package).weights_path}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="OrbitSegmentationLib.refinement.correction.train", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/autocorrection"),
                        help="folder of the run; goes on if it exists")
    parser.add_argument("--package", type=Path, help="model package to write; in the run's folder by default")
    parser.add_argument("--stages", nargs="+", default=list(STAGES), choices=STAGES)
    parser.add_argument("--heads", type=int, default=40, help="parametric heads, ten slices each")
    parser.add_argument("--steps", type=int, default=2500, help="of 16 patches")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare samples")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def train_network(options: argparse.Namespace) -> None:
    """Train up to ``options.steps`` steps, from the checkpoint if there is one."""
    import torch

    from NeuroOrbitLib.training.batches import ShuffledBatches
    from NeuroOrbitLib.training.learning_rate import cosine_rate
    from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings
    from OrbitSegmentationLib.refinement.correction.network import CorrectionNetwork, OfSlices
    from OrbitSegmentationLib.refinement.correction.samples import CorrectionSamples
    from OrbitSegmentationLib.refinement.correction.slabs import load_slabs

    torch.manual_seed(options.seed)
    network = OfSlices(CorrectionNetwork()).to(options.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_LEARNING_RATE, weight_decay=1e-4)
    scheduler = cosine_rate(optimizer, options.steps, warm_up=100, floor=0.01)
    settings = TrainerSettings(options.steps, checkpoint_steps=250, checkpoint_minutes=3, workers=options.workers,
                               bf16=True)
    batches = ShuffledBatches(CorrectionSamples(load_slabs(options.output / "slabs")), 2, options.seed)
    trainer = Trainer(network, correction_loss, optimizer, batches, settings, options.output / "network", scheduler)
    trainer.resume()
    trainer.run(_print)


def correction_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return twice the mean cross-entropy plus the mean over patches of one minus the soft Dice.

    :param logits: output of the network, (patches, 1, rows, columns).
    :param truth: share (0..1) of each pixel that is structure, (slices, patches of a slice, 1, rows, columns).
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    truth = truth.flatten(0, 1)
    probability, axes = torch.sigmoid(logits), (1, 2, 3)
    overlap = (probability * truth).sum(axes)
    dice = (2 * overlap + 1) / (probability.sum(axes) + truth.sum(axes) + 1)
    return _BORDER_WEIGHT * binary_cross_entropy_with_logits(logits, truth) + (1 - dice).mean()


def _print(fraction: float, message: str = "") -> None:
    print(f"{100 * fraction:5.1f} %  {message}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
