"""What the Segment Editor effects of the extension share: slices as images, masks as voxels, pictures over slices.

An effect derives from :class:`~NeuroOrbitLib.effects.slice_effect.SliceEffect` and from one of Slicer's scripted
effects, reads the slice under the mouse by :mod:`~NeuroOrbitLib.effects.slice_images`, shows masks by
:mod:`~NeuroOrbitLib.effects.overlays` and changes the selected segment by :mod:`~NeuroOrbitLib.effects.writing`.
"""
