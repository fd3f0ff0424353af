"""``explain``: show which parts of the image indicate a response, and the contribution of each muscle."""

from __future__ import annotations

from IVGCResponseLib.commands.classify import PATIENT

add_parser, run = PATIENT.add_explain_parser, PATIENT.run_explain
