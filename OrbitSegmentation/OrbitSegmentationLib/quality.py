"""What a user should know about a segmentation before trusting it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from NeuroOrbitLib.anatomy.normative import plausible_volume
from NeuroOrbitLib.anatomy.structures import Side

Notice = dict[str, str]

#: Share of an orbit's box below which the scan is said not to show the whole orbit.
WHOLE_ORBIT = 0.9


def warning(text: str) -> Notice:
    """A notice that asks for a look."""
    return {"level": "warning", "text": text}


def orientation_notices(is_known: bool) -> list[Notice]:
    """A notice about a scan whose file does not say how the patient lies in it."""
    if is_known:
        return []
    return [warning("The file does not say how the patient lies in it: right and left are a guess. Check the sides, or "
                    "convert the scan again from the original DICOM files.")]


def coverage_notices(seen: Mapping[Side, float]) -> list[Notice]:
    """Notices about orbits that were not found or are not wholly in the scan.

    :param seen: for each orbit that was found, the share of its surroundings that the scan shows.
    """
    notices = [warning(f"The {side.value} eye was not found. If it is in the scan, segment it by hand.")
               for side in Side if side not in seen]
    notices += [warning(f"The scan does not show the whole {side.value} orbit: volumes of cut structures are too "
                        "small.") for side, share in seen.items() if share < WHOLE_ORBIT]
    return notices


def volume_notices(measurements: Sequence[Mapping[str, Any]]) -> list[Notice]:
    """Notices about structures whose volume no orbit, healthy or with thyroid eye disease, should have."""
    notices = []
    for row in measurements:
        limits = plausible_volume(row["structure"])
        if limits is not None and not limits[0] <= row["volume_ml"] <= limits[1]:
            notices.append(warning(f"{row['name']}: {row['volume_ml']:.2f} ml is an implausible volume. "
                                   "Check its outline."))
    return notices


def missing_notices(measurements: Sequence[Mapping[str, Any]], names: Mapping[int, str]) -> list[Notice]:
    """One notice about the structures that are nowhere in the label map, if there are any.

    :param names: name of every label value that could be expected.
    """
    present = {row["label"] for row in measurements}
    missing = [name for value, name in names.items() if value not in present]
    if not missing:
        return []
    return [warning(f"Not found: {', '.join(missing)}. Segment by hand what can be seen.")]
