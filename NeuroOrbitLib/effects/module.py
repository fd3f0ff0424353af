"""Shared code of the hidden modules that register Segment Editor effects."""

from __future__ import annotations

from pathlib import Path

from slicer.i18n import tr as _
from slicer.i18n import translate


def describe(parent: object, title: str, help_text: str) -> None:
    """Fill in the description of an effect's hidden module.

    :param parent: the module's ``parent``.
    :param title: translated title.
    :param help_text: translated help.
    """
    parent.title = title
    parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
    parent.dependencies = ["OrbitSegmentation", "Segmentations"]
    parent.contributors = ["SlicerNeuroOrbit contributors"]
    parent.hidden = True
    parent.helpText = help_text
    parent.acknowledgementText = _("Part of the extension NeuroOrbit.")


def register_effect(file: str) -> None:
    """Register an effect with the Segment Editor.

    :param file: ``__file__`` of the module; the effect is in ``<Module>Lib/SegmentEditorEffect.py`` beside it.
    """
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    effect = effects.qSlicerSegmentEditorScriptedEffect(None)
    source = Path(file).parent / f"{Path(file).stem}Lib" / "SegmentEditorEffect.py"
    effect.setPythonSource(source.as_posix())
    effect.self().register()
