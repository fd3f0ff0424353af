"""A one-page report as a single HTML file that needs no other file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from NeuroOrbitLib.evaluation.reports.names import LANGUAGE
from NeuroOrbitLib.files.safe import write_text
from NeuroOrbitLib.research_use import RESEARCH_USE

_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; color: #1b1b1b; max-width: 60em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.5em; margin-bottom: 0.2em; } h2 { font-size: 1.15em; margin-top: 1.6em; }
table { border-collapse: collapse; margin: 0.6em 0; } caption { text-align: left; color: #555; padding-bottom: 0.3em; }
th, td { padding: 0.25em 0.9em 0.25em 0; border-bottom: 1px solid #ddd; text-align: left; }
td + td, th + th { font-variant-numeric: tabular-nums; }
figure { display: inline-block; margin: 0.5em 1em 0.5em 0; vertical-align: top; } figure img { max-width: 100%; }
figcaption { color: #555; font-size: 0.9em; max-width: 30em; }
.notice { border-left: 4px solid #c8621a; background: #fdf3ea; padding: 0.5em 0.8em; }
"""


@dataclass
class Page:
    """A report that is filled from top to bottom.

    :param title: heading of the page.
    :param notice: notice below the title; the notice about research use is always there.
    :param say: function that returns the text to show for a sentence, e.g. its translation; by default the sentence
        itself.
    :param parts: HTML of the content so far.
    """

    title: str
    notice: str = ""
    say: Callable[[str], str] = str
    parts: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """Begin a section with a heading."""
        self.parts.append(f"<h2>{self._text(text)}</h2>")

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self.parts.append(f"<p>{self._text(text)}</p>")

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> None:
        """Add a table with an optional caption."""
        head = "".join(f"<th>{self._text(cell)}</th>" for cell in header)
        body = "".join("<tr>" + "".join(f"<td>{self._text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        above = f"<caption>{self._text(caption)}</caption>" if caption else ""
        self.parts.append(f"<table>{above}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")

    def picture(self, data_url: str, caption: str) -> None:
        """Add a picture, given as a data URL, with its caption, which is also its alternative text."""
        text = self._text(caption)
        self.parts.append(f'<figure><img src="{data_url}" alt="{text}"><figcaption>{text}</figcaption></figure>')

    def html(self) -> str:
        """Return the whole page as HTML."""
        notices = "".join(f'<p class="notice">{self._text(text)}</p>' for text in (RESEARCH_USE, self.notice) if text)
        return (f'<!DOCTYPE html>\n<html lang="{self._text(LANGUAGE)}"><head><meta charset="utf-8">'
                f"<title>{self._text(self.title)}</title><style>{_STYLE}</style></head><body><h1>{self._text(self.title)}</h1>{notices}"
                + "\n".join(self.parts) + "</body></html>\n")

    def _text(self, text: str) -> str:
        return escape(self.say(text))

    def write(self, path: Path) -> Path:
        """Write the page and return its path; its folder is created.

        :raises NotWritten: if it cannot be written.
        """
        return write_text(path, self.html())
