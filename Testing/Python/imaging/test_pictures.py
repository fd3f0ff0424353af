"""Small pictures for reports."""

from __future__ import annotations

import base64
import tempfile

import numpy as np
import pytest
import SimpleITK as sitk

from NeuroOrbitLib.imaging.pictures import png_data_url, with_side_letters


def letters_of(pixels: np.ndarray) -> list[str]:
    """The letters at the left and right edge, told by their strokes: R has a bow at its top right, L has none."""
    white = (pixels == 255).all(axis=2)
    found = []
    for half in (white[:, : white.shape[1] // 2], white[:, white.shape[1] // 2 :]):
        rows, columns = np.nonzero(half)
        box = half[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        found.append("R" if box[: len(box) // 2, -len(box[0]) // 5 :].any() else "L")
    return found


@pytest.mark.parametrize("gray", [0, 90, 250])
@pytest.mark.parametrize(("left_edge", "letters"), [("R", ["R", "L"]), ("L", ["L", "R"])])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_sides_are_at_their_edges_and_readable_on_any_ground(gray, left_edge, letters, scale):
    picture = np.full((160, 200, 3), gray, np.uint8)
    lettered = with_side_letters(picture, left_edge, scale)
    assert letters_of(lettered) == letters
    assert (picture == gray).all(), "the picture itself was changed"
    white, black = (lettered == 255).all(axis=2), (lettered == 0).all(axis=2)
    rows, columns = np.nonzero(white)
    assert columns.min() > 0 and (white | black)[rows, columns + scale].all(), "a stroke has no rim"


@pytest.mark.parametrize("shape", [(8, 100, 3), (100, 20, 3)])
def test_a_picture_without_room_for_letters_is_refused(shape):
    with pytest.raises(ValueError, match="too small"):
        with_side_letters(np.zeros(shape, np.uint8), "R")


def test_a_side_that_is_none_is_refused():
    with pytest.raises(ValueError, match="R or L"):
        with_side_letters(np.zeros((100, 100, 3), np.uint8), "A")


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (64, 40)])
def test_a_picture_becomes_a_png_without_a_file_that_a_kill_would_leave(shape, tmp_path, monkeypatch):
    """A batch that was killed left a patient's picture in the system's temporary folder."""
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *args, **more: pytest.fail("a temporary folder was made"))
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    kind, _mark, text = png_data_url(pixels).partition(",")
    monkeypatch.undo()
    assert kind == "data:image/png;base64"
    (tmp_path / "picture.png").write_bytes(base64.b64decode(text))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "picture.png"))), pixels)
