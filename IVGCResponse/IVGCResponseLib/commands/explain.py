"""``explain``: show on the image what speaks for a response, and what each muscle contributes."""

from __future__ import annotations

from IVGCResponseLib.commands.classify import PATIENT

add_parser, run = PATIENT.add_explain_parser, PATIENT.run_explain
