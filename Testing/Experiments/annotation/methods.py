"""The compared methods of labelling; each continues with finer tools once its first tool no longer helps."""

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

#: Number of sections of the structure around which a good user draws before the first fill.
SMART_FILL_RINGS = 1
GROW_FROM_SEEDS_RINGS = 2
#: Largest number of slices of a structure that is drawn slice by slice, if there is a choice.
FEW_SLICES = 6


def brush(session: Session, random: np.random.Generator) -> None:
    """Label with the brush, slice by slice."""
    view = SliceView(session.case)
    Brush(session, view, Hand(random, view.pixel_mm)).run()


def smart_pencil(session: Session, random: np.random.Generator) -> None:
    """Label with SmartPencil slice by slice, and paint where no region fits."""
    view = SliceView(session.case)
    Pencil(session, view, Hand(random, view.pixel_mm)).run()
    Brush(session, view, Hand(random, view.pixel_mm)).run()


def smart_fill(session: Session, random: np.random.Generator) -> None:
    """Label with SmartFill, then :func:`mend`; only with the latter on few slices."""
    if not on_few_slices(session):
        fill(session, random)
    mend(session, random)


def auto_correction(session: Session, random: np.random.Generator) -> None:
    """Label as :func:`smart_fill`, with AutoCorrection of the whole after the fill."""
    if not on_few_slices(session):
        fill(session, random)
        AutoCorrection(session).run()
    mend(session, random)


def prelabel(session: Session, random: np.random.Generator) -> None:
    """Start from the model's outline, correct it as a proposal with SmartFill, then :func:`mend`.

    The globe and structures on few slices are only mended.
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
    """Correct with SmartPencil or brush slice by slice, with the tool that improves more."""
    view = SliceView(session.case)
    Mending(session, view, Hand(random, view.pixel_mm)).run()


def grow_from_seeds(session: Session, random: np.random.Generator) -> None:
    """Label with seeds and Slicer's Grow from Seeds, then the brush."""
    Seeded(session, Scribbler(session, random), GrowFromSeeds(session.case.image), GROW_FROM_SEEDS_RINGS,
           presses=["button"]).run()  # Initialize
    brush(session, random)


def on_few_slices(session: Session) -> bool:
    """Return whether the structure is on so few slices that nobody would fill it in 3-D."""
    return int(session.case.reference.any(axis=(1, 2)).sum()) <= FEW_SLICES


def fill(session: Session, random: np.random.Generator) -> None:
    """Fill long structures from a few of their slices with SmartFill, and the globe from seeds in 3-D."""
    case = session.case
    if case.group == "globe":
        Seeded(session, Scribbler(session, random), SmartFill(case.image, case.spacing), SMART_FILL_RINGS).run()
    else:
        view = SliceView(case)
        KeySlices(session, view, Hand(random, view.pixel_mm)).run()


#: The compared methods, in the order of the tables.
METHODS: dict[str, Callable[[Session, np.random.Generator], None]] = {
    "Brush": brush,
    "SmartPencil": smart_pencil,
    "SmartPencil + SmartFill": smart_fill,
    "... + AutoCorrection": auto_correction,
    "Pre-label + SmartFill": prelabel,
    "Grow from Seeds": grow_from_seeds,
}
