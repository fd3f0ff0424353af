"""Materials that surgeons leave in and around an eye, and their appearance in CT and MR."""

from __future__ import annotations

from enum import IntEnum

from NeuroOrbitLib.phantom.tissue import Tissue


class Material(IntEnum):
    """Materials; their values continue those of :class:`~NeuroOrbitLib.phantom.tissue.Tissue`."""

    SILICONE_OIL = len(Tissue)
    ACRYLIC = len(Tissue) + 1
    SILICONE_RUBBER = len(Tissue) + 2
    POROUS_POLYETHYLENE = len(Tissue) + 3
    HYDROXYAPATITE = len(Tissue) + 4
    GAS = len(Tissue) + 5


#: HU of every material. Porous implants are filled with the tissue that has grown into them.
MATERIAL_HU = {
    Material.SILICONE_OIL: 120.0, Material.ACRYLIC: 130.0, Material.SILICONE_RUBBER: 190.0,
    Material.POROUS_POLYETHYLENE: 10.0, Material.HYDROXYAPATITE: 650.0, Material.GAS: -950.0,
}
#: As :data:`NeuroOrbitLib.phantom.scanner.relaxation.WATER`: proton density, T1 at 1.5 T, T1 at 3 T, effective T2 (ms),
#: fat fraction. Acrylic and silicone rubber give no signal; porous implants give that of the tissue within them.
MATERIAL_PROTONS = {
    Material.SILICONE_OIL: (0.75, 950.0, 1050.0, 180.0, 0.0), Material.ACRYLIC: (0.0, 1000.0, 1000.0, 10.0, 0.0),
    Material.SILICONE_RUBBER: (0.05, 800.0, 900.0, 20.0, 0.0),
    Material.POROUS_POLYETHYLENE: (0.45, 1100.0, 1300.0, 70.0, 0.0),
    Material.HYDROXYAPATITE: (0.25, 1000.0, 1200.0, 40.0, 0.0), Material.GAS: (0.0, 1000.0, 1000.0, 10.0, 0.0),
}
