"""The ways of labelling that are compared; each continues with finer tools where its first one has done its part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from Testing.Experiments.annotation.brush import Brush
from Testing.Experiments.annotation.correcting import AutoCorrection
from Testing.Experiments.annotation.growcut import GrowFromSeeds
from Testing.Experiments.annotation.hand import Hand
from Testing.Experiments.annotation.key_slices import KeySlices, Proposed
from Testing.Experiments.annotation.mending import Mending
from Testing.Experiments.annotation.pencil import Pencil
from Testing.Experiments.annotation.scribbles import Scribbler
from Testing.Experiments.annotation.seeded import Seeded
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.smart_fill import SmartFill
from Testing.Experiments.annotation.view import SliceView

#: Around how many sections of the structure a good user draws before the first fill.
SMART_FILL_RINGS = 1
GROW_FROM_SEEDS_RINGS = 2
#: Structures on so few slices are drawn slice by slice by who has the choice.
FEW_SLICES = 6


def brush(session: Session, random: np.random.Generator) -> None:
    """Paint and erase, slice by slice."""
    view = SliceView(session.case)
    Brush(session, view, Hand(random, view.pixel_mm)).run()


def smart_pencil(session: Session, random: np.random.Generator) -> None:
    """SmartPencil slice by slice; what no region fits is painted."""
    view = SliceView(session.case)
    Pencil(session, view, Hand(random, view.pixel_mm)).run()
    Brush(session, view, Hand(random, view.pixel_mm)).run()


def smart_fill(session: Session, random: np.random.Generator) -> None:
    """SmartFill, then :func:`mend`; on few slices at once that."""
    if not on_few_slices(session):
        fill(session, random)
    mend(session, random)


def auto_correction(session: Session, random: np.random.Generator) -> None:
    """As :func:`smart_fill`, with AutoCorrection of the whole after the fill."""
    if not on_few_slices(session):
        fill(session, random)
        AutoCorrection(session).run()
    mend(session, random)


def prelabel(session: Session, random: np.random.Generator) -> None:
    """The model's outline, then SmartFill with it as a proposal, then :func:`mend`; the globe and what shows on few
    slices is mended at once.
    """
    session.interact("button")
    with session.computing():
        outline = session.case.propose()
    session.show(outline)
    if not on_few_slices(session) and session.case.group != "globe":
        view = SliceView(session.case)
        Proposed(session, view, Hand(random, view.pixel_mm)).run()
    mend(session, random)


def mend(session: Session, random: np.random.Generator) -> None:
    """SmartPencil or brush slice by slice, whichever mends more."""
    view = SliceView(session.case)
    Mending(session, view, Hand(random, view.pixel_mm)).run()


def grow_from_seeds(session: Session, random: np.random.Generator) -> None:
    """Seeds and Slicer's Grow from Seeds, then the brush."""
    Seeded(session, Scribbler(session, random), GrowFromSeeds(session.case.image), GROW_FROM_SEEDS_RINGS,
           presses=["button"]).run()  # Initialize
    brush(session, random)


def on_few_slices(session: Session) -> bool:
    """Whether there is so little to do that nobody would fill in 3-D."""
    return int(session.case.reference.any(axis=(1, 2)).sum()) <= FEW_SLICES


def fill(session: Session, random: np.random.Generator) -> None:
    """SmartFill: long structures from a few of their slices, the globe from seeds in 3-D."""
    case = session.case
    if case.group == "globe":
        Seeded(session, Scribbler(session, random), SmartFill(case.image, case.spacing), SMART_FILL_RINGS).run()
    else:
        view = SliceView(case)
        KeySlices(session, view, Hand(random, view.pixel_mm)).run()


#: What is compared, in the order of the tables.
METHODS: dict[str, Callable[[Session, np.random.Generator], None]] = {
    "Brush": brush,
    "SmartPencil": smart_pencil,
    "SmartPencil + SmartFill": smart_fill,
    "... + AutoCorrection": auto_correction,
    "Pre-label + SmartFill": prelabel,
    "Grow from Seeds": grow_from_seeds,
}
