"""The validation of measures (``make validate-measurements``).

Phantoms are measured from their true masks and from the model's segmentation, and compared with what their geometry
says; annotated real scans from the annotation and from the model. Every result is kept, so that an interrupted
validation goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[4]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from NeuroOrbitLib.files.safe import write_json  # noqa: E402
from NeuroOrbitLib.imaging.files import load_image, save_image  # noqa: E402
from NeuroOrbitLib.imaging.image import Image  # noqa: E402
from NeuroOrbitLib.imaging.intensity import looks_like_ct  # noqa: E402
from NeuroOrbitLib.measurements.labels import label_map_of  # noqa: E402
from NeuroOrbitLib.measurements.measure import measure  # noqa: E402
from NeuroOrbitLib.measurements.rims import CONTENTS  # noqa: E402
from NeuroOrbitLib.measurements.rows import HEAD, Row, by_key  # noqa: E402
from NeuroOrbitLib.models import ModelPackage, find_package  # noqa: E402
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL, RULES_VERSION  # noqa: E402
from OrbitSegmentationLib.pipeline import segment_image  # noqa: E402
from Testing.Experiments.validation.measurements.cases import MeasuredCase, phantom_cases, real_cases  # noqa: E402
from Testing.Experiments.validation.measurements.table import (  # noqa: E402
    Line,
    as_markdown,
    as_text,
    lines_of,
)

PARTS = ("masks", "model", "real")
_BEGIN, _END = "<!-- errors: written by the command with --docs -->\n", "<!-- end of errors -->"
Truth = dict[str, Any]
#: Returns a scan's label map, and the expected overlap of each of its labels with a reader's outline.
Segment = Callable[[Image], tuple[Image, dict[int, float]]]


def compared_with_truth(rows: Iterable[Row], truth: Truth) -> list[dict[str, Any]]:
    """Return value and truth of every measure that the phantom's geometry defines."""
    found = []
    for row in rows:
        known = truth["head"] if row.structure == HEAD else truth["sides"][row.side.value].get(row.structure, {})
        name = f"{row.quantity}_of_contents" if CONTENTS in row.measured.method else row.quantity
        true = known.get(name, known.get(row.quantity))
        if true is not None:
            found.append(_entry(row, true))
    return found


def compared_with_reference(rows: Iterable[Row], reference: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the values of every measure from a segmentation and from the reference."""
    known = by_key(reference)
    return [_entry(row, known[row.key].value) for row in rows
            if row.key in known and known[row.key].value is not None and "signal" not in row.quantity]


def _entry(row: Row, true: float) -> dict[str, Any]:
    structure, side, quantity = row.key
    return {"structure": structure, "side": side, "quantity": quantity, "value": row.value, "true": true,
            "uncertainty": row.measured.uncertainty, "reason": row.measured.reason}


def from_masks(case: MeasuredCase, segment: Segment) -> list[dict[str, Any]]:
    """Measure a phantom's true masks."""
    scan, labels = case.load()
    return compared_with_truth(_measured(labels, {}, scan), case.truth())


def from_model(case: MeasuredCase, segment: Segment) -> list[dict[str, Any]]:
    """Measure the model's segmentation of a phantom."""
    scan, _ = case.load()
    return compared_with_truth(_measured(*segment(scan), scan), case.truth())


def from_both(case: MeasuredCase, segment: Segment) -> list[dict[str, Any]]:
    """Measure the model's segmentation of a real scan and its annotation."""
    scan, labels = case.load()
    return compared_with_reference(_measured(*segment(scan), scan), _measured(label_map_of(labels), {}, scan))


def _measured(labels: Image, expected_dice: dict[int, float], scan: Image) -> list[Row]:
    return measure(labels, scan, looks_like_ct(scan), expected_dice=expected_dice)


class Validation:
    """Runs cases and stores their results in ``folder``."""

    def __init__(self, package: ModelPackage, folder: Path, say: Callable[[str], None] = print) -> None:
        self.package, self.folder, self.say = package, folder, say

    def result(self, kind: str, case: MeasuredCase, way: Callable[..., list[dict[str, Any]]]) -> dict[str, Any]:
        """Return the result of a way of measuring for a case, from the folder if it is there."""
        model = "" if kind == "masks" else f"-{self._answers}"
        path = self.folder / f"{kind}-{case.name.replace(' ', '-')}-{case.version}{model}.json"
        if not path.exists():
            group = f"{case.group}, {'true masks' if kind == 'masks' else 'segmented'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            data = {"group": group, "name": case.name, "compared": way(case, partial(self.segmented, case))}
            write_json(path, data)
            self.say(f"{kind}: {case.name}")
        return json.loads(path.read_text(encoding="utf-8"))

    @property
    def _answers(self) -> str:
        """Name for what label maps depend on: the weights, and the processing of their output."""
        return f"{self.package.sha256[:8]}-{RULES_VERSION}"

    def segmented(self, case: MeasuredCase, scan: Image) -> tuple[Image, dict[int, float]]:
        """Return the model's segmentation of a case, stored beside the results, as measuring changes more often."""
        name = f"{case.name.replace(' ', '-')}-{case.scan_version}-{self._answers}"
        labels, expected = self.folder / f"labels-{name}.nii.gz", self.folder / f"expected-{name}.json"
        if not (labels.exists() and expected.exists()):
            result = segment_image(scan, self.package)
            save_image(result.labels, labels)
            write_json(expected, {row["label"]: row["confidence"] for row in result.measurements
                                  if row.get("confidence") is not None})
        known = json.loads(expected.read_text(encoding="utf-8"))
        return load_image(labels), {int(label): dice for label, dice in known.items()}


def validate(validation: Validation, parts: Iterable[str], patients: int,
             protocols: Collection[str] | None = None) -> list[Line]:
    """Return the table of errors of the chosen :data:`PARTS` (and protocols, if not all)."""
    ways = {"masks": (phantom_cases(patients, protocols), from_masks),
            "model": (phantom_cases(patients, protocols), from_model), "real": (real_cases(), from_both)}
    results = [validation.result(part, case, ways[part][1]) for part in parts for case in ways[part][0]]
    return lines_of(results)


def main(arguments: list[str] | None = None) -> int:
    """Print the table and write it if requested; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--patients", type=int, default=2, help="phantoms per protocol and severity")
    parser.add_argument("--protocols", nargs="+", metavar="NAME", help="phantoms of these protocols alone")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="name or folder of a model package")
    parser.add_argument("--cache", type=Path, default=REPOSITORY / "out" / "validation" / "measurements")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the table to this file")
    parser.add_argument("--docs", type=Path, metavar="FILE", help="write the table of phantoms into this page")
    options = parser.parse_args(arguments)
    lines = validate(Validation(find_package(options.model), options.cache), options.parts, options.patients,
                     options.protocols)
    print(as_text(lines))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([vars(line) for line in lines], indent=2) + "\n", encoding="utf-8")
    if options.docs:
        protocols = f" --protocols {' '.join(options.protocols)}" if options.protocols else ""
        write_section(options.docs, lines, f"--patients {options.patients}{protocols}")
    return int(any(line.missed for line in lines))


def write_section(page: Path, lines: Iterable[Line], arguments: str) -> None:
    """Replace the table between the marks of a page.

    :param arguments: arguments of the command, so that readers can print the table again.
    :raises ValueError: if the page has no marks.
    """
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, mark, after = rest.partition(_END)
    if not mark:
        raise ValueError(f"{page} has no lines '{_BEGIN.strip()}' and '{_END.strip()}'.")
    said = ("Mean absolute error (bias), number of measures, and errors in units of the uncertainty that each measure "
            "states (u, root mean square: 1 if it is right, more where it promises too much); bold misses its bar, "
            f"which for true masks is half of that for a segmentation. Lengths in mm, `{arguments}`:\n\n")
    page.write_text(f"{before}{_BEGIN}{said}{as_markdown(lines)}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
