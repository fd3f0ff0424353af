"""``features``: radiomics features of every labelled region."""

from __future__ import annotations

from IVGCResponseLib.muscle_groups import STRATEGIES, values_of
from NeuroOrbitLib.radiomics.command import FeaturesCommand

_COMMAND = FeaturesCommand({name: values_of(name) for name in STRATEGIES},
                           "SR, IR, MR, LR, MR+LR and all four recti, both sides together")
add_parser, run = _COMMAND.add_parser, _COMMAND.run
