"""Which network should segment an orbit? Candidates trained alike, judged alike on orbits that none of them has seen.

``python -m Testing.Experiments.validation.orbit.architectures --bank RUN/bank --judges FOLDER [--steps 1000]
[--docs FILE]``

Every candidate sees the same images in the same order, the same number of steps, in voxels of 2 mm: an eighth of the
arithmetic of the product's 1 mm. That is a short training: it tells how fast candidates learn for what they cost, not
where they would end. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from NeuroOrbitLib.evaluation.reports.text import aligned  # noqa: E402
from NeuroOrbitLib.models.compact_unet import CompactUNet  # noqa: E402
from NeuroOrbitLib.models.inference import FastNetwork  # noqa: E402
from NeuroOrbitLib.training.batches import ShuffledBatches  # noqa: E402
from NeuroOrbitLib.training.learning_rate import cosine_rate  # noqa: E402
from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings  # noqa: E402
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT  # noqa: E402
from OrbitSegmentationLib.any_contrast.segment import GLOBE_CLASSES, SIDED_CLASSES  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.losses import cross_entropy_and_dice  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.orbit_samples import BOX_SHAPE, OrbitSamples  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.run_layout import ORBIT_WIDTHS  # noqa: E402

HEADING = "## Which architecture"
_SEED, _LEARNING_RATE = 11, 4e-3
#: Batch size, small because the number of steps counts more at the beginning of a training than the images in each.
_BATCH = 2
#: Factor by which the voxels are larger than the product's, and padding at both ends of axis I, so that three halvings
#: are possible.
_COARSER, _PADDING = 2, (2, 2)
_TIMED = 3


@dataclass(frozen=True)
class Candidate:
    """A network that might segment orbits."""

    title: str
    build: Callable[[], nn.Module]


@dataclass(frozen=True)
class Outcome:
    """The results of a candidate.

    :param weights: number of its weights.
    :param globe, nerve, recti: mean Dice on the judges' images.
    :param training_s: processor seconds to learn from one box of the product's voxels.
    :param answer_s: processor seconds to segment one box of the product's voxels.
    """

    title: str
    weights: int
    globe: float
    nerve: float
    recti: float
    training_s: float
    answer_s: float


def candidates() -> tuple[Candidate, ...]:
    """Return the product's network, others of its kind, and two of MONAI."""
    return (
        Candidate(f"compact U-Net {'-'.join(map(str, ORBIT_WIDTHS))} (the product's)",
                  lambda: CompactUNet(1, CLASS_COUNT, ORBIT_WIDTHS)),
        Candidate("compact U-Net 8-24-48-96", lambda: CompactUNet(1, CLASS_COUNT, (8, 24, 48, 96))),
        Candidate("compact U-Net 16-48-96, one level less", lambda: CompactUNet(1, CLASS_COUNT, (16, 48, 96))),
        Candidate("SegResNet (MONAI), 8 filters", _segresnet),
    )


def _segresnet() -> nn.Module:
    from monai.networks.nets import SegResNet

    return SegResNet(spatial_dims=3, init_filters=8, in_channels=1, out_channels=CLASS_COUNT)


def coarser(images: torch.Tensor, classes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images (..., 1, K, J, I) and classes (..., K, J, I) with voxels twice as large along all axes, padded."""
    step = slice(None, None, _COARSER)
    return (functional.pad(functional.avg_pool3d(images, _COARSER), _PADDING),
            functional.pad(classes[..., step, step, step], _PADDING))


class CoarseBatches(ShuffledBatches):
    """Batches with coarser voxels, which are kept, as making them takes as long as learning from them."""

    def __init__(self, samples: OrbitSamples) -> None:
        super().__init__(samples, _BATCH, _SEED)
        self._kept: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    def __getitem__(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        if step not in self._kept:
            images, classes = coarser(*super().__getitem__(step))
            self._kept[step] = images, classes.to(torch.uint8)
        images, classes = self._kept[step]
        return images, classes.long()


def judge(network: nn.Module, images: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, float, float]:
    """Return the mean Dice of globe, nerve and recti over images with their classes."""
    fast = FastNetwork(network.eval())
    groups: tuple[list[float], list[float], list[float]] = ([], [], [])
    for image, classes in images:
        found = fast(image[None]).argmax(dim=1)[0]
        groups[0].append(_dice(np.isin(found, GLOBE_CLASSES), np.isin(classes, GLOBE_CLASSES)))
        for number, value in enumerate(SIDED_CLASSES):
            groups[1 if number == 0 else 2].append(_dice((found == value).numpy(), (classes == value).numpy()))
    return tuple(float(np.nanmean(values)) for values in groups)


def _dice(found: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum())) if truth.any() else float("nan")


def compare(bank: Path, judges: Path, folder: Path, steps: int, judged: int, say: Callable[[str], None] = print) -> (
        list[Outcome]):
    """Train and evaluate every candidate; finished ones in ``folder`` are not repeated.

    :param bank: folder of orbits for the training, and of others as ``judges``, as the default model's training writes
        them.
    :param judged: number of images for the evaluation.
    """
    batches, others = CoarseBatches(OrbitSamples(bank)), OrbitSamples(judges)
    images = [coarser(*others.sample(number % len(others), np.random.default_rng([_SEED, number])))
              for number in range(judged)]
    outcomes = []
    for number, candidate in enumerate(candidates()):
        place = folder / f"{number}-{steps}"
        record = place / "outcome.json"
        if not record.exists():
            outcome = _outcome(candidate, batches, images, place, steps)
            record.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
            say(f"{candidate.title}: recti {outcome.recti:.3f}")
        outcomes.append(Outcome(**json.loads(record.read_text(encoding="utf-8"))))
    return outcomes


def _outcome(candidate: Candidate, batches: CoarseBatches, images: Sequence[tuple[torch.Tensor, torch.Tensor]],
             folder: Path, steps: int) -> Outcome:
    torch.manual_seed(_SEED)
    network = candidate.build().to(memory_format=torch.channels_last_3d)
    optimizer = torch.optim.AdamW(network.parameters(), lr=_LEARNING_RATE, weight_decay=1e-4)
    scheduler = cosine_rate(optimizer, steps, warm_up=30, floor=0.01)
    settings = TrainerSettings(steps, checkpoint_minutes=2, bf16=True)
    trainer = Trainer(network, cross_entropy_and_dice, optimizer, batches, settings, folder, scheduler)
    trainer.resume()
    trainer.run()
    weights = sum(parameter.numel() for parameter in network.parameters())
    dice, fast, box = judge(network, images), FastNetwork(network.eval()), torch.rand(1, 1, *BOX_SHAPE)
    target = torch.zeros(1, *BOX_SHAPE, dtype=torch.long)
    return Outcome(candidate.title, weights, *dice, _seconds(lambda: trainer.take_step(box, target)),
                   _seconds(lambda: fast(box)))


def _seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMED):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as aligned text."""
    lines = [("Network", "weights", "globe", "nerve", "recti", "learning", "answer")]
    lines += [(o.title, f"{o.weights / 1e6:.2f} M", f"{o.globe:.3f}", f"{o.nerve:.3f}", f"{o.recti:.3f}",
               f"{o.training_s:.2f} s", f"{o.answer_s:.2f} s") for o in outcomes]
    return aligned(lines, left=(0,))


def section(outcomes: Sequence[Outcome], steps: int, judged: int) -> str:
    """Return the section for the page of results."""
    text = f"""Output of `python -m Testing.Experiments.validation.orbit.architectures`: candidates trained from
nothing on the same {_BATCH * steps} boxes in {steps} steps, mean Dice on {judged} images of orbits of label maps
kept out of training (all synthetic; any contrast; voxels of {_COARSER} mm), and processor seconds to learn from one
box of the product's 1 mm and to answer to it."""
    return f"{HEADING}\n{text}\n\n```\n{table(outcomes)}\n```\n"


def write_section(page: Path, text: str) -> None:
    """Put the section into a page, in place of its earlier version or before the section Validation."""
    old = page.read_text(encoding="utf-8")
    without = re.sub(rf"^{HEADING}\n.*?(?=^## |\Z)", "", old, flags=re.MULTILINE | re.DOTALL)
    head, mark, tail = without.partition("## Validation\n")
    page.write_text(f"{head.rstrip()}\n\n{text}\n{mark}{tail}", encoding="utf-8")


def main() -> int:
    """Compare the candidates, print the results, and write the section if requested."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=Path, required=True, help="bank of orbits to learn from")
    parser.add_argument("--judges", type=Path, required=True, help="bank of orbits kept out of training")
    parser.add_argument("-o", "--output", type=Path, default=REPOSITORY / "out" / "architectures")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--judged", type=int, default=24, help="images that are judged")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write the table into this page")
    options = parser.parse_args()
    outcomes = compare(options.bank, options.judges, options.output, options.steps, options.judged)
    print(table(outcomes))
    if options.docs:
        write_section(options.docs, section(outcomes, options.steps, options.judged))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
