"""Damaged image files in every format that the product reads."""

from __future__ import annotations

import bz2
import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from NeuroOrbitLib.imaging.files import itk_from_image, load_image
from NeuroOrbitLib.imaging.image import Image
from Testing.Attack.damage import KINDS, Damage
from Testing.Attack.outcome import Attempt, Outcome

AFFINE = np.array([[-0.75, 0, 0, 31.0], [0, 0.875, 0, -42.0], [0, 0, 1.5, 17.0], [0, 0, 0, 1.0]])
_SHAPE = (20, 24, 28)


@dataclass(frozen=True)
class Format:
    """An image format.

    :param name: name of the file that is opened.
    :param data: name of the file that is damaged.
    :param has_checksum: whether changed bytes can be detected.
    :param write: writes an image to a path.
    """

    name: str
    data: str
    has_checksum: bool
    write: Callable[[Image, Path], object]


def _with_itk(compressed: bool, image: Image, path: Path) -> None:
    sitk.WriteImage(itk_from_image(image), str(path), compressed)


def _bzip2(image: Image, path: Path) -> None:
    """Write a NRRD header with its voxels in a bzip2 file beside it."""
    _with_itk(False, image, path)
    raw = path.with_suffix(".raw")
    path.with_name("scan.raw.bz2").write_bytes(bz2.compress(raw.read_bytes()))
    path.write_bytes(path.read_bytes().replace(b"encoding: raw", b"encoding: bzip2").replace(b"scan.raw",
                                                                                           b"scan.raw.bz2"))


def _without_size(image: Image, path: Path) -> None:
    """Write a MetaImage without the length of its compressed stream."""
    _with_itk(True, image, path)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(line for line in lines if not line.startswith(b"CompressedDataSize")))


FORMATS = (
    Format("scan.nii", "scan.nii", False, partial(_with_itk, False)),
    Format("scan.nii.gz", "scan.nii.gz", True, partial(_with_itk, True)),
    Format("scan.nrrd", "scan.nrrd", False, partial(_with_itk, False)),
    Format("compressed.nrrd", "compressed.nrrd", True, partial(_with_itk, True)),
    Format("scan.nhdr", "scan.raw", False, partial(_with_itk, False)),
    Format("scan.nhdr", "scan.raw.gz", True, partial(_with_itk, True)),
    Format("scan.nhdr", "scan.raw.bz2", True, _bzip2),
    Format("scan.mha", "scan.mha", False, partial(_with_itk, False)),
    Format("compressed.mha", "compressed.mha", True, partial(_with_itk, True)),
    Format("sizeless.mha", "sizeless.mha", True, _without_size),
    Format("scan.mhd", "scan.raw", False, partial(_with_itk, False)),
    Format("scan.mhd", "scan.zraw", True, partial(_with_itk, True)),
)


def example(dtype: str = "i2") -> Image:
    """Return a small image in which every change of a voxel is visible."""
    rng = np.random.default_rng(5)
    return Image((rng.normal(0, 300, _SHAPE) // 10 * 10).astype(dtype), AFFINE)


def damaged_files(folder: Path, seed: int, repeats: int) -> Iterator[Attempt]:
    """Yield every format with every kind of damage to its voxels, ``repeats`` times."""
    for number, form in enumerate(FORMATS):
        for dtype in ("i2", "f4"):
            image = example(dtype)
            place = folder / f"{number}-{dtype}"
            place.mkdir()
            form.write(image, place / form.name)
            content = (place / form.data).read_bytes()
            start = _first_data(form, content)
            yield Attempt(_area(form), f"{dtype}, whole", partial(_judge, form, image, place, content, True))
            for kind, damage in KINDS.items():
                for repeat in range(repeats):
                    rng = np.random.default_rng([seed, number, repeat, len(kind), ord(kind[0])])
                    yield Attempt(_area(form), f"{dtype}, {kind}, {repeat}", partial(
                        _damage_and_judge, form, image, place, content, damage, start, rng))


def damaged_headers(folder: Path) -> Iterator[Attempt]:
    """Yield files whose headers are impossible; each one must be refused with a message."""
    image = example()
    for name, change in HEADERS.items():
        place = folder / name.replace(" ", "-").replace("/", "-")
        place.mkdir()
        yield Attempt("headers", name, partial(_judge_header, change, image, place))


def _area(form: Format) -> str:
    return form.name if form.name == form.data else f"{form.name} with {form.data}"


def _first_data(form: Format, content: bytes) -> int:
    """Return the first byte to damage, after text headers, in which a changed digit makes another valid header."""
    if form.name != form.data or form.name.endswith(".gz"):
        return 0
    if form.name.endswith(".nii"):
        return 352
    mark = b"\n\n" if form.name.endswith("nrrd") else b"LOCAL\n"
    return content.index(mark) + len(mark)


def _damage_and_judge(form: Format, image: Image, place: Path, content: bytes, damage: Damage, start: int,
                      rng: np.random.Generator) -> Outcome:
    return _judge(form, image, place, damage(content, start, rng), False)


def _judge(form: Format, image: Image, place: Path, content: bytes, is_whole: bool) -> Outcome:
    (place / form.data).write_bytes(content)
    try:
        found = load_image(place / form.name)
    except ValueError:
        if is_whole:
            raise RuntimeError("a whole file was refused") from None
        raise
    if not found.grid.same_as(image.grid):
        return Outcome.WRONG
    if np.array_equal(found.array, image.array):
        return Outcome.RIGHT
    return Outcome.WRONG if form.has_checksum else Outcome.UNSEEN


def _judge_header(change: Callable[[Image, Path], Path], image: Image, place: Path) -> Outcome:
    load_image(change(image, place))
    return Outcome.WRONG


def _nifti(edits: dict[int, tuple[str, tuple]], image: Image, place: Path, compressed: bool = False) -> Path:
    path = place / "scan.nii"
    _with_itk(False, image, path)
    content = bytearray(path.read_bytes())
    for start, (form, values) in edits.items():
        struct.pack_into("<" + form, content, start, *values)
    if not compressed:
        path.write_bytes(content)
        return path
    path.with_suffix(".nii.gz").write_bytes(gzip.compress(bytes(content)))
    return path.with_suffix(".nii.gz")


def _text(ending: str, old: bytes, new: bytes, image: Image, place: Path) -> Path:
    path = place / f"scan.{ending}"
    _with_itk(False, image, path)
    content = path.read_bytes()
    path.write_bytes(content.replace(old, new + (b"" if old in content else b"?"), 1))
    return path


def _bomb(ending: str, image: Image, place: Path) -> Path:
    """Write a file whose stream has 64 MiB while its header announces some kilobytes."""
    path = place / f"scan.{ending}"
    _with_itk(True, image, path)
    content, more = path.read_bytes(), bytes(2**26)
    if ending == "nii.gz":
        path.write_bytes(gzip.compress(gzip.decompress(content) + more))
    elif ending == "nrrd":
        start = content.index(b"\n\n") + 2
        path.write_bytes(content[:start] + gzip.compress(gzip.decompress(content[start:]) + more))
    else:
        start = content.index(b"LOCAL\n") + 6
        stream = zlib.compress(zlib.decompress(content[start:]) + more)
        size = b"CompressedDataSize = %d" % (len(content) - start)
        path.write_bytes(content[:start].replace(size, b"CompressedDataSize = %d" % len(stream)) + stream)
    return path


_NAN = float("nan")
_HUGE = (3, 32000, 32000, 32000, 1, 1, 1, 1)
HEADERS: dict[str, Callable[[Image, Path], Path]] = {
    "nifti of no magic (Analyze)": partial(_nifti, {344: ("4s", (b"\0\0\0\0",))}),
    "nifti magic damaged": partial(_nifti, {344: ("4s", (b"n+!\0",))}),
    "nifti voxels inside of the header": partial(_nifti, {108: ("f", (100.0,))}),
    "nifti voxels at a negative place": partial(_nifti, {108: ("f", (-352.0,))}),
    "nifti voxels further on": partial(_nifti, {108: ("f", (368.0,))}),
    "nifti voxels nowhere": partial(_nifti, {108: ("f", (_NAN,))}),
    "nifti bits of another type": partial(_nifti, {72: ("h", (8,))}),
    "nifti type of other bits": partial(_nifti, {70: ("h", (2,))}),
    "nifti type unknown": partial(_nifti, {70: ("h", (77,))}),
    "nifti smaller": partial(_nifti, {42: ("h", (14,))}),
    "nifti compressed, smaller": partial(_nifti, {42: ("h", (14,))}, compressed=True),
    "nifti compressed, larger": partial(_nifti, {42: ("h", (29,))}, compressed=True),
    "nifti of absurd size": partial(_nifti, {40: ("8h", _HUGE)}),
    "nifti compressed, of absurd size": partial(_nifti, {40: ("8h", _HUGE)}, compressed=True),
    "nifti of no dimensions": partial(_nifti, {40: ("h", (0,))}),
    "nifti voxel size NaN": partial(_nifti, {80: ("f", (_NAN,))}),
    "nifti negative size along I": partial(_nifti, {80: ("f", (-0.75,))}),
    "nifti compressed, negative size along J": partial(_nifti, {84: ("f", (-0.875,))}, compressed=True),
    "nifti mirrored sform": partial(_nifti, {280: ("f", (0.75,))}),
    "nifti turned qform": partial(_nifti, {256: ("3f", (0.0, 0.0, 0.0))}),
    "nifti qform no rotation": partial(_nifti, {256: ("3f", (3.0, 2.0, 1.0))}),
    "nifti sizes contradict sform": partial(_nifti, {88: ("f", (3.0,))}),
    "nifti infinite slope": partial(_nifti, {112: ("f", (float("inf"),))}),
    "nrrd of absurd size": partial(_text, "nrrd", b"sizes: 28 24 20", b"sizes: 280000 240000 200000"),
    "nrrd smaller": partial(_text, "nrrd", b"sizes: 28 24 20", b"sizes: 14 24 20"),
    "nrrd negative size": partial(_text, "nrrd", b"sizes: 28 24 20", b"sizes: -28 24 20"),
    "nrrd spacing NaN": partial(_text, "nrrd", b"directions: (0.75", b"directions: (nan"),
    "nrrd without an end of the header": partial(_text, "nrrd", b"\n\n", b"\n"),
    "mha of absurd size": partial(_text, "mha", b"DimSize = 28 24 20", b"DimSize = 280000 240000 200000"),
    "mha smaller": partial(_text, "mha", b"DimSize = 28 24 20", b"DimSize = 14 24 20"),
    "mha spacing NaN": partial(_text, "mha", b"ElementSpacing = 0.75", b"ElementSpacing = nan"),
    "mha spacing zero": partial(_text, "mha", b"ElementSpacing = 0.75", b"ElementSpacing = 0"),
    "mha spacing infinite": partial(_text, "mha", b"ElementSpacing = 0.75", b"ElementSpacing = inf"),
    "mha spacing negative": partial(_text, "mha", b"ElementSpacing = 0.75", b"ElementSpacing = -0.75"),
    "mha axes of no unit length": partial(_text, "mha", b"TransformMatrix = 1", b"TransformMatrix = 2"),
    "mha axes missing": partial(_text, "mha", b"TransformMatrix = 1 0 0 ", b"TransformMatrix = "),
    "nrrd in metres": partial(_text, "nrrd", b"kinds:", b'space units: "m" "m" "m"\nkinds:'),
    "mha of another type": partial(_text, "mha", b"MET_SHORT", b"MET_CHAR"),
    "mhd without its voxels": partial(_text, "mhd", b"= scan.raw", b"= gone.raw"),
    "nhdr without its voxels": partial(_text, "nhdr", b": scan.raw", b": gone.raw"),
    "nii.gz bomb": partial(_bomb, "nii.gz"),
    "nrrd bomb": partial(_bomb, "nrrd"),
    "mha bomb": partial(_bomb, "mha"),
}
