"""The report as one self-contained HTML page; its findings can be edited in the browser before printing."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

from NeuroOrbitLib.clinical_report.content import ReportContent
from NeuroOrbitLib.imaging.pictures import png_data_url

_STYLE = """
@page { size: A4; margin: 12mm; }
body { font: 12px/1.4 system-ui, sans-serif; color: #1d2530; max-width: 62em; margin: 1.5em auto; padding: 0 1em; }
header { display: flex; justify-content: space-between; border-bottom: 2px solid #24527a; padding-bottom: .5em; }
header img { max-height: 3.5em; } header small { color: #5b6673; white-space: pre-line; }
h1 { font-size: 1.6em; margin: .6em 0 .1em; } h2 { font-size: 1.1em; color: #24527a; margin: 1.1em 0 .3em; }
.pictures { display: flex; gap: 1em; align-items: flex-end; } figure { margin: 0; flex: 1; }
figure img { width: 100%; } figcaption { color: #5b6673; font-size: .9em; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .18em .6em .18em 0; text-align: right; }
th { color: #5b6673; font-weight: 600; border-bottom: 1px solid #9aa7b4; }
td { border-bottom: 1px solid #e3e8ed; font-variant-numeric: tabular-nums; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
.swatch { display: inline-block; width: .7em; height: .7em; margin-right: .4em; }
.high { color: #b3261e; font-weight: 600; } .low { color: #1a5fb4; font-weight: 600; }
.use { border-left: 4px solid #c8621a; background: #fdf3ea; padding: .4em .7em; } .small { color: #5b6673; }
@media print { [contenteditable] { outline: none; } body { margin: 0; } }
"""
#: Marks beside values outside of the published range, since colour alone does not reach all readers.
MARKS = {"high": "▲", "low": "▼"}


def report_html(content: ReportContent) -> str:
    """Return the report as an HTML page."""
    words = content.words
    parts = [_header(content), f"<h1>{_text(words['heading'])}</h1>", _facts(content),
             f'<p class="use">{_text(words["research_use"])}</p>', _pictures(content),
             _section(words["findings"], f'<ul contenteditable="true">{_items(content.findings)}</ul>'),
             _section(words["compression"], f"<ul>{_items(content.compression)}</ul>") if content.compression else "",
             _section(words["comparison"], f"<ul>{_items(content.comparison)}</ul>") if content.comparison else "",
             _section(words["measures"], _table(content) + f'<p class="small">{_text(content.normal)}</p>')]
    if content.results:
        parts.append(_section(words["results"], "".join(
            f"<p><b>{_text(title)}</b> {_text(text)}</p>" for title, text in content.results)))
    for name in ("missing", "notices", "provenance"):
        if texts := getattr(content, name):
            parts.append(_section(words[name], f'<ul class="small">{_items(texts)}</ul>'))
    return (f'<!DOCTYPE html>\n<html lang="{_text(words["language"])}"><head><meta charset="utf-8">'
            f"<title>{_text(words['title'])}</title><style>{_STYLE}</style></head><body>{''.join(parts)}</body>"
            "</html>\n")


def _header(content: ReportContent) -> str:
    header = content.header
    if not (header.institution or header.address or header.logo):
        return ""
    logo = f'<img src="{_file_url(header.logo)}" alt="">' if header.logo else ""
    words = f"<div><b>{_text(header.institution)}</b><br><small>{_text(header.address)}</small></div>"
    return f"<header>{words}{logo}</header>"


def _facts(content: ReportContent) -> str:
    words = [f"{_text(name)}: <b>{_text(value)}</b>" for name, value in content.patient.items()]
    return "<p>" + " · ".join([*words, *map(_text, content.technique)]) + "</p>"


def _pictures(content: ReportContent) -> str:
    figures = [f'<figure><img src="{png_data_url(pixels)}" alt="{_text(caption)}">'
               f"<figcaption>{_text(caption)}</figcaption></figure>" for caption, pixels in content.pictures]
    return f'<div class="pictures">{"".join(figures)}</div>' if figures else ""


def _table(content: ReportContent) -> str:
    head = "".join(f"<th>{_text(word)}</th>" for word in content.columns)
    body, group = [], ""
    for line in content.lines:
        first, group = line.group if line.group != group else "", line.group
        swatch = f'<span class="swatch" style="background: {line.color}"></span>' if first and line.color else ""
        cells = [f"<td>{swatch}{_text(first)}</td><td>{_text(line.name)}</td>"]
        for value, score, level in zip(line.values, line.z_scores, line.levels, strict=True):
            cells.append(f'<td class="{level}">{_text(" ".join(filter(None, [value, MARKS.get(level, "")])))}</td>'
                         f"<td>{_text(score)}</td>")
        cells.append(f"<td>{_text(line.normal)}</td><td>{_text(line.difference)}</td>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{_text(title)}</h2>{inner}</section>"


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{_text(text)}</li>" for text in texts)


def _text(text: str) -> str:
    return escape(str(text))


def _file_url(path: Path) -> str:
    kind = "jpeg" if path.suffix.lower() in (".jpg", ".jpeg") else "png"
    return f"data:image/{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
