"""Shared code of the extension's Segment Editor effects: slices as images, masks as voxels, overlays on slices.

An effect derives from :class:`~NeuroOrbitLib.effects.slice_effect.SliceEffect` and from one of Slicer's scripted
effects. It reads the slice under the mouse with :mod:`~NeuroOrbitLib.effects.slice_images`, shows masks with
:mod:`~NeuroOrbitLib.effects.overlays` and changes the selected segment with :mod:`~NeuroOrbitLib.effects.writing`.
"""
