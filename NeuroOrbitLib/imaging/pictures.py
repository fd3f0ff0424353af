"""Small pictures of slices for reports."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

#: Bitmaps of the letters for the patient's sides, five columns by seven rows.
_LETTERS = {
    "R": ("####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"),
    "L": ("#....", "#....", "#....", "#....", "#....", "#....", "#####"),
}
#: Constants of the PNG format: filter type "up" of a row, colour type without transparency.
_FROM_ROW_ABOVE, _RED_GREEN_BLUE = 2, 2
_LETTER_ROWS, _LETTER_COLUMNS, _LETTER_MARGIN = 7, 5, 3
_LETTER_COLOR, _OUTLINE_COLOR = (255, 255, 255), (0, 0, 0)


def png_bytes(pixels: np.ndarray) -> bytes:
    """Return a picture as the bytes of a PNG file, without writing a file that a killed process could leave behind.

    :param pixels: uint8 (rows, columns, 3), red, green, blue.
    """
    rows, columns = pixels.shape[:2]
    flat = np.ascontiguousarray(pixels, dtype=np.uint8).reshape(rows, -1)
    # Every row is stored as its difference from the one above, which compresses well.
    changes = np.diff(flat, axis=0, prepend=np.zeros_like(flat[:1]))
    filtered = np.concatenate([np.full((rows, 1), _FROM_ROW_ABOVE, np.uint8), changes], axis=1)
    header = struct.pack(">2I5B", columns, rows, 8, _RED_GREEN_BLUE, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_data_url(pixels: np.ndarray) -> str:
    """Return a picture as a data URL, so that an HTML page needs no other file.

    :param pixels: uint8 (rows, columns, 3), red, green, blue.
    """
    return "data:image/png;base64," + base64.b64encode(png_bytes(pixels)).decode("ascii")


def gray_pixels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return grey values between ``low`` (black) and ``high`` (white) as pixels, uint8 (..., 3)."""
    scaled = np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)
    return np.repeat((255 * scaled).astype(np.uint8)[..., None], 3, axis=-1)


def blended(under: np.ndarray, over: np.ndarray, mask: np.ndarray, opacity: float) -> np.ndarray:
    """Return ``under`` with the pixels of ``over`` blended in where ``mask`` is true, with ``opacity`` from 0 to 1."""
    share = opacity * mask[..., None]
    return ((1 - share) * under + share * over).astype(np.uint8)


def with_outline(pixels: np.ndarray, mask: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    """Return a copy of a picture with a line of one pixel around a mask; pixels inside the mask keep their colours.

    :param pixels: uint8 (rows, columns, 3).
    :param mask: boolean (rows, columns).
    :param color: red, green and blue of the line, 0 to 255.
    """
    outlined = pixels.copy()
    outlined[_grown(mask, 1) & ~mask] = color
    return outlined


def with_side_letters(pixels: np.ndarray, left_edge: str, scale: int = 2) -> np.ndarray:
    """Return a copy of a picture with R and L at its edges, half-way up, in white with a black rim.

    :param pixels: uint8 (rows, columns, 3) of an axial or coronal slice.
    :param left_edge: side of the patient at the picture's left edge: ``"R"`` in the radiological convention, else
        ``"L"``.
    :param scale: width of one pixel of a letter in pixels of the picture.
    :raises ValueError: if the picture is too small for two letters, or ``left_edge`` is neither ``"R"`` nor ``"L"``.
    """
    if left_edge not in _LETTERS:
        raise ValueError(f"The left edge is R or L, not {left_edge!r}.")
    rows, columns = _LETTER_ROWS * scale, _LETTER_COLUMNS * scale
    if pixels.shape[0] < rows + 2 * scale or pixels.shape[1] < 2 * (columns + 2 * _LETTER_MARGIN * scale):
        raise ValueError(f"A picture of {pixels.shape[1]} x {pixels.shape[0]} pixels is too small for R and L.")
    lettered = pixels.copy()
    top, margin = (pixels.shape[0] - rows) // 2, _LETTER_MARGIN * scale
    other = "L" if left_edge == "R" else "R"
    for letter, first in ((left_edge, margin), (other, pixels.shape[1] - margin - columns)):
        drawn = np.array([[character == "#" for character in row] for row in _LETTERS[letter]])
        large = np.zeros(pixels.shape[:2], bool)
        large[top : top + rows, first : first + columns] = drawn.repeat(scale, axis=0).repeat(scale, axis=1)
        lettered[_grown(large, scale)] = _OUTLINE_COLOR
        lettered[large] = _LETTER_COLOR
    return lettered


def _grown(mask: np.ndarray, steps: int) -> np.ndarray:
    """Return a mask grown by ``steps`` pixels, computed without SciPy."""
    grown = mask.copy()
    for _ in range(steps):
        padded = np.pad(grown, 1)
        grown = padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return grown
