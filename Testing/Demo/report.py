"""The report of the demonstration as one HTML file that can be moved and sent: the pictures are inside."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from NeuroOrbitLib import __version__
from NeuroOrbitLib.anatomy import RECTI
from NeuroOrbitLib.research_use import RESEARCH_USE
from Testing.Demo.outcome import Outcome, Picture
from Testing.Demo.scoring import mean_dice

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c2530; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid #ccd4dc; padding-top: 1.5rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: 14px; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #e2e7ec; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.source { color: #5b6875; font-size: 12px; }
.above, .below { color: #a33b00; font-weight: 600; }
.use { background: #fff5d6; border-left: 4px solid #d9a300; padding: .6rem 1rem; }
.failed { background: #fde7e4; border-left: 4px solid #c0392b; padding: .6rem 1rem; white-space: pre-wrap; }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; }
figure { margin: 0; background: #0f1418; color: #e8edf2; } figure.wide { grid-column: 1 / 3; }
figure img { width: 100%; display: block; } figcaption { padding: .35rem .6rem; font-size: 13px; }
code { overflow-wrap: anywhere; }
"""


def report_html(outcomes: Sequence[Outcome], seconds: float, now: datetime.datetime) -> str:
    """Return the whole report.

    :param outcomes: outcomes, in the order of the report.
    :param seconds: time (s) that the demonstration took.
    :param now: date and time of the demonstration.
    """
    cases = "\n".join(_case_section(outcome) for outcome in outcomes)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Orbit segmentation: demonstration</title>
<style>{_STYLE}</style></head><body>
<h1>Orbit segmentation: demonstration</h1>
<p class="use">{escape(RESEARCH_USE)}</p>
<p>Each scan was loaded, chosen in the module's panel and segmented by its Apply button; numbers and pictures are those
of the scene, which is saved beside this file as <code>scene.mrb</code>. Sides are the patient's own: in axial and
coronal views the patient's right is on the left of the picture.</p>
<p>NeuroOrbit {escape(__version__)}, {now:%Y-%m-%d %H:%M}, {seconds:.0f} seconds in all.</p>
{_overview(outcomes)}
{cases}
</body></html>
"""


def _overview(outcomes: Sequence[Outcome]) -> str:
    head = _row(["Scan", "Time (s)", "Structures", "Notices", "Dice eyeballs", "Dice recti", "Judged against"], "th")
    rows = "\n".join(_overview_row(outcome) for outcome in outcomes)
    return f"<table>\n{head}\n{rows}\n</table>"


def _overview_row(outcome: Outcome) -> str:
    link = f'<a href="#{outcome.case.key}">{escape(outcome.case.title)}</a>'
    if not outcome.record:
        return f'<tr><td>{link}</td><td colspan="6" class="above">no result</td></tr>'
    found = sum(row["volume_ml"] is not None for row in outcome.rows)
    origin = outcome.case.reference.origin if outcome.case.reference else ""
    cells = [f"{outcome.seconds:.1f}", str(found), str(len(outcome.notices)),
             _number(mean_dice(outcome.rows, ("eyeball",))), _number(mean_dice(outcome.rows, RECTI)), escape(origin)]
    return f"<tr><td>{link}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _case_section(outcome: Outcome) -> str:
    parts = [f'<h2 id="{outcome.case.key}">{escape(outcome.case.title)}</h2>']
    if outcome.error:
        parts.append(f'<p class="failed">{escape(outcome.error)}</p>')
    if outcome.record:
        parts += [_notices(outcome.notices), _pictures(outcome.pictures), _table(outcome), _provenance(outcome)]
    return "\n".join(part for part in parts if part)


def _notices(notices: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in notices)
    return f"<p>The module says:</p><ul>{items}</ul>" if items else ""


def _pictures(pictures: Sequence[Picture]) -> str:
    figures = "\n".join(_figure(picture, wide=index == 0) for index, picture in enumerate(pictures))
    return f'<div class="pictures">\n{figures}\n</div>'


def _figure(picture: Picture, wide: bool) -> str:
    title = escape(picture.title)
    return (f'<figure class="{"wide" if wide else ""}"><img alt="{title}" src="{_data_address(picture.file)}">'
            f"<figcaption>{title}</figcaption></figure>")


def _data_address(file: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"


def _table(outcome: Outcome) -> str:
    judged = outcome.case.reference is not None
    titles = ["Structure", "Volume (ml)", *(["Reference (ml)", "Dice", "Surface Dice at 1 mm"] if judged else []),
              "Mean intensity", "Normal volume in ml (group; source)"]
    rows = "\n".join(_table_row(row, judged) for row in outcome.rows)
    note = f"<p>Reference: {escape(outcome.case.reference.origin)}.</p>" if judged else ""
    return f"<table>\n{_row(titles, 'th')}\n{rows}\n</table>\n{note}"


def _table_row(row: Mapping[str, Any], judged: bool) -> str:
    volume = f'<span class="{row["position"]}">{_number(row["volume_ml"]) or "not found"}</span>'
    if row["position"] in ("below", "above"):
        volume += f' <span class="{row["position"]}">({row["position"]} normal)</span>'
    scores = [_number(row.get(key)) for key in ("reference_ml", "dice", "surface_dice")] if judged else []
    numbers = [volume, *scores, _number(row["mean_intensity"], 1)]
    cells = "".join(f'<td class="number">{cell}</td>' for cell in numbers)
    return f'<tr><td>{escape(row["name"])}</td>{cells}<td class="source">{escape(row["normal"])}</td></tr>'


def _provenance(outcome: Outcome) -> str:
    record, model = outcome.record, outcome.record["model"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    scan = record["input"]  # without a name, unless the user keeps names of scans
    voxels = f"voxels {' x '.join(map(str, scan['shape_kji'][::-1]))}, SHA-256 {scan['voxels_sha256']}"
    facts = {
        "Model": f"{model['title']} ({model['name']} {model['version']}), SHA-256 {model['sha256']}",
        "Trained on": model["training_data"],
        "Computed by": f"{record['device']['name']}. {record['device']['reason']}",
        "Time": f"{record['seconds']:.1f} s to compute, {outcome.seconds:.1f} s from Apply to the result on the screen",
        "Versions": f"{versions}; {record['application']}",
        "Scan": ", ".join(filter(None, [scan.get("name"), voxels])),
    }
    rows = "\n".join(f"<tr><th>{escape(name)}</th><td><code>{escape(text)}</code></td></tr>"
                     for name, text in facts.items())
    return f"<details><summary>How this result came about</summary><table>{rows}</table></details>"


def _row(cells: Iterable[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _number(value: float | None, decimals: int = 2) -> str:
    return "" if value is None else f"{value:.{decimals}f}"
