"""Small picture files for the documents, as they stay in the repository's history for ever."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Number of colours, as most pixels of a screenshot are grey, and largest width (pixels) that pages of documents show.
_COLORS, _WIDEST = 192, 1200


def make_small(picture: Path, widest: int = _WIDEST) -> None:
    """Replace a picture by one with a palette that is no wider than a page of the documents needs.

    :param widest: largest width in pixels; small letters need more than a screenshot.
    """
    image = Image.open(picture).convert("RGB")
    if image.width > widest:
        image = image.resize((widest, round(image.height * widest / image.width)), Image.Resampling.LANCZOS)
    # This method keeps rare bright colours, such as those of segments, unchanged.
    image.quantize(_COLORS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE).save(picture, optimize=True)


def save_drawing(figure: Figure, path: Path, colors: int = 64) -> None:
    """Write a drawing with few colours, close it, and print the file's size."""
    import matplotlib.pyplot as plt

    memory = io.BytesIO()
    figure.savefig(memory, dpi=110)
    plt.close(figure)
    Image.open(memory).convert("RGB").quantize(colors).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} kB")
