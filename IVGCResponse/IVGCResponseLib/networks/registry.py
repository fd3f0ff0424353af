"""The networks by name; torch is imported only when one is built."""

from __future__ import annotations

from typing import Any

from NeuroOrbitLib.models.networks import Network, NetworkRegistry

PAPER = "Zhang et al. 2026: RDINet, response of thyroid eye disease to intravenous glucocorticoids"
AXES = "slices from anterior to posterior, rows from superior to inferior, columns to the patient's left"
SHAPE, CLASSES = (32, 128, 128), (2,)
#: Numbers beside the image with the default options: radiomics after selection, and the default clinical features.
RADIOMICS, CLINICAL = 10, 16
_VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "3d": ("ResNet-50 in three dimensions", {"dimensions": 3}),
    "2d": ("ResNet-50 in two dimensions with 32 slices as channels", {"dimensions": 2}),
    "compact": ("ResNet-50 in two dimensions at a quarter of the width, 64 x 64 pixels",
                {"dimensions": 2, "width": 16, "edge": 64}),
}
_PARAMETERS = {
    "resnet50": {"3d": 46_159_170, "2d": 23_603_074, "compact": 1_504_738},
    "rdinet": {"3d": 47_149_570, "2d": 24_593_474, "compact": 2_399_906},
    "rdinet_clinical": {"3d": 47_151_618, "2d": 24_595_522, "compact": 2_401_954},
    "early": {"3d": 46_310_402, "2d": 23_754_306, "compact": 1_560_738},
}
_KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "resnet50": ("{}, image alone", "NeuroOrbitLib.classifiers.networks.resnet50:ResNet50", {}),
    "rdinet": ("RDINet on {}: image and radiomics", "IVGCResponseLib.networks.rdinet:RDINet",
               {"radiomics": RADIOMICS, "clinical": 0}),
    "rdinet_clinical": ("RDINet (clinical) on {}: image, radiomics and clinical features",
                        "IVGCResponseLib.networks.rdinet:RDINet", {"radiomics": RADIOMICS, "clinical": CLINICAL}),
    "early": ("Early concatenation on {}: image, radiomics and clinical features side by side",
              "IVGCResponseLib.networks.rdinet:EarlyConcatenation", {"radiomics": RADIOMICS, "clinical": CLINICAL}),
}

_REGISTRY = NetworkRegistry()
register, all_networks, find, load = _REGISTRY.register, _REGISTRY.all_networks, _REGISTRY.find, _REGISTRY.load

for _kind, (_title, _factory, _numbers) in _KINDS.items():
    for _variant, (_words, _options) in _VARIANTS.items():
        register(Network(
            name=f"{_kind}_{_variant}",
            title=_title.format(_words),
            factory=_factory,
            parameters=_PARAMETERS[_kind][_variant],
            input_shape=SHAPE,
            output_shape=CLASSES,
            axes=AXES,
            paper=PAPER,
            options={**_options, **_numbers},
        ))
