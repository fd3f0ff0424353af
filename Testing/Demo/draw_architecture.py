"""Draw docs/pictures/architecture.png from the actual imports (``make architecture-picture``).

Rooms stand on their floor; an arrow shows that something in the upper room imports from the lower one. Imports between
rooms of one floor are left out, to keep the picture readable.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from Testing.Demo.small_files import make_small
from Testing.Lint.imports import imports_of, module_name
from Testing.Lint.source_tree import product_sources, tree_of
from Testing.Lint.test_floors import floor_of

FLOORS = {
    "panel": ("Panel", "Qt", "#dbe9f6"),
    "logic": ("Logic", "Slicer's scene", "#e3f1df"),
    "pipelines": ("Pipelines", "pure", "#fdf0d5"),
    "shared": ("Shared", "pure", "#f3e6f5"),
}
WORDS = {
    "anatomy": "names, sides,\nlabel values",
    "classifiers": "tasks, estimators,\njudging, packing",
    "clinical_report": "one page of\na scan's measures",
    "dicom": "series, fields,\nsegmentations",
    "effects": "what Segment Editor\neffects share",
    "evaluation": "overlap, surface,\nvolume, agreement",
    "files": "written whole,\nread as written",
    "imaging": "the image type,\ngeometry, intensity",
    "jobs": "worker, progress,\ntasks that resume",
    "label_maps": "labels of others,\nsides by position",
    "measurements": "lengths, areas, ratios,\nwith place and norm",
    "models": "packages, hashes,\nsafe loading",
    "mrml": "the one door\nto the scene",
    "phantom": "synthetic anatomy\nand its images",
    "radiomics": "features of regions,\ntwo engines",
    "saliency": "occlusion,\nGrad-CAM",
    "training": "engine, cohorts,\nfolds by patient",
    "widgets": "panel parts that\nmodules share",
    "IVGCResponse": "the module: panel,\nlogic, self-test",
    "IVGCResponseLib": "study of response,\ncommand line",
    "NeuroDifferential": "the module: panel,\nlogic, self-test",
    "NeuroDifferentialLib": "lesions and places,\ncommand line",
    "OrbitSegmentation": "the module: panel,\nlogic, self-test",
    "OrbitSegmentationLib": "networks, pipeline,\ncommand line",
    "TAOActivity": "the module: panel,\nlogic, self-test",
    "TAOActivityLib": "networks, pipeline,\ncommand line",
}
FLOW = "volume node → Image → job in the worker process → result files → nodes, all or nothing"
FIRST_ROOM, ROOM, GAP, HEIGHT = 2.2, (1.7, 0.9), 0.22, 1.6


def room_of(path: str) -> str:
    """Return the room that a file belongs to: a subpackage of the shared library, a module, or a module's Lib."""
    parts = path.split("/")
    if parts[0] == "NeuroOrbitLib":
        return parts[1] if len(parts) > 2 else ""
    return parts[1] if parts[1].endswith("Lib") else parts[0]


def rooms_by_floor() -> dict[str, list[str]]:
    """Return the rooms of each floor in alphabetic order."""
    found: dict[str, set[str]] = {floor: set() for floor in FLOORS}
    for path in product_sources():
        if room_of(path):
            found[floor_of(path)].add(room_of(path))
    return {floor: sorted(rooms) for floor, rooms in found.items()}


def arrows() -> set[tuple[str, str]]:
    """Return the pairs of rooms of which the first imports from the second."""
    rooms = {module_name(path): room_of(path) for path in product_sources()}
    found = set()
    for path in product_sources():
        for item in imports_of(tree_of(path), path):
            parts = item.name.split(".")
            prefixes = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
            target = next((rooms[prefix] for prefix in prefixes if prefix in rooms), "")
            if target and room_of(path) and target != room_of(path):
                found.add((room_of(path), target))
    return found


def draw(target: Path) -> None:
    """Write the picture."""
    floors = rooms_by_floor()
    width = FIRST_ROOM + max(len(rooms) for rooms in floors.values()) * (ROOM[0] + GAP)
    figure, axes = pyplot.subplots(figsize=(width * 0.85, len(FLOORS) * HEIGHT * 0.85))
    places = {}
    for level, (floor, rooms) in enumerate(floors.items()):
        bottom = (len(FLOORS) - 1 - level) * HEIGHT
        _draw_floor(axes, floor, bottom, width)
        # Rooms of the floors between are moved aside, so that no arrow from the panel runs behind one of them.
        aside = (ROOM[0] + GAP) * (0, -1.5, 2.2, 0)[level] * (len(rooms) < 3)
        start = FIRST_ROOM + (width - FIRST_ROOM - len(rooms) * (ROOM[0] + GAP)) / 2 + aside
        for number, room in enumerate(rooms):
            places[room] = (start + number * (ROOM[0] + GAP), bottom + (HEIGHT - ROOM[1]) / 2)
    for upper, lower in sorted(arrows()):
        if places[upper][1] > places[lower][1]:
            _draw_arrow(axes, places[upper], places[lower])
    for room, place in places.items():
        _draw_room(axes, room, place)
    axes.text(width / 2, -0.2, FLOW, fontsize=11, ha="center", va="center", style="italic")
    axes.set(xlim=(0, width), ylim=(-0.4, len(FLOORS) * HEIGHT))
    axes.axis("off")
    figure.savefig(target, dpi=110, bbox_inches="tight", metadata={"Software": None})


def _draw_floor(axes: Axes, floor: str, bottom: float, width: float) -> None:
    title, knows, colour = FLOORS[floor]
    axes.add_patch(Rectangle((0, bottom + 0.06), width, HEIGHT - 0.12, color=colour, zorder=0))
    axes.text(0.15, bottom + HEIGHT / 2 + 0.1, title, fontsize=15, weight="bold", va="center")
    axes.text(0.15, bottom + HEIGHT / 2 - 0.22, knows, fontsize=10, color="#444444", va="center")


def _draw_room(axes: Axes, room: str, place: tuple[float, float]) -> None:
    shape = FancyBboxPatch(place, *ROOM, boxstyle="round,pad=0.02", facecolor="white", edgecolor="#555555", zorder=3)
    axes.add_patch(shape)
    middle, words = place[0] + ROOM[0] / 2, WORDS.get(room, "")
    size = min(11, 150 / (len(room) + 4))
    axes.text(
        middle,
        place[1] + (0.66 if words else 0.45),
        room,
        fontsize=size,
        weight="bold",
        ha="center",
        va="center",
        zorder=4,
    )
    axes.text(middle, place[1] + 0.27, words, fontsize=7.5, ha="center", va="center", color="#333333", zorder=4)


def _draw_arrow(axes: Axes, upper: tuple[float, float], lower: tuple[float, float]) -> None:
    start = (upper[0] + ROOM[0] / 2, upper[1])
    end = (lower[0] + ROOM[0] / 2, lower[1] + ROOM[1])
    style = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 1, "shrinkB": 2}
    axes.add_patch(FancyArrowPatch(start, end, color="#7d8a99", linewidth=0.8, zorder=2, **style))


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "architecture.png"
    draw(target)
    make_small(target, widest=2200)
