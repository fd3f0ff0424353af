"""The plan of the reproduction of the orbit papers: networks, comparisons, and scales for the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from OrbitSegmentationLib.paper_networks.training.config import TrainingConfig, load_config
from Testing.Experiments.reproduction.scales import chosen

Values = Mapping[str, float]


@dataclass(frozen=True)
class Entry:
    """One network of a study.

    :param title: title of its row in the table.
    :param config: name of the shipped training configuration.
    :param again: further rows: title, and the profile for predictions with the same weights.
    """

    title: str
    config: str
    again: tuple[tuple[str, str], ...] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of all its rows in the table."""
        return (self.title, *(title for title, _ in self.again))


@dataclass(frozen=True)
class Study:
    """A paper with its cohort, its networks and its published numbers.

    :param key: key in file names.
    :param measure: ``iou`` or ``dice``, as the paper reports.
    :param published: rows of the paper's numbers; ``mean`` is over its structures.
    :param profile: profile whose classes are compared.
    """

    key: str
    title: str
    subjects: int
    folds: int
    protocol: str
    measure: str
    profile: str
    entries: tuple[Entry, ...]
    published: Mapping[str, Values]


@dataclass(frozen=True)
class Scale:
    """The extent to which a study is run.

    :param statement: differences from the papers, for the reader of the table.
    :param subjects: number of subjects of each study; ``None`` for the paper's number.
    :param splits: number of folds into which the subjects are divided; ``None`` for the paper's number.
    :param folds: number of folds to run; ``None`` for all.
    :param protocol: protocol of the scans, if not the study's own.
    :param changes: changes of each configuration's settings.
    """

    name: str
    statement: str
    subjects: int | None = None
    splits: int | None = None
    folds: int | None = None
    protocol: str | None = None
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def config(self, name: str) -> TrainingConfig:
        """Return a shipped configuration, scaled."""
        return replace(load_config(name), **self.changes.get(name, {}))


# Means over the ten folds; the abstract's .8207 is the best fold chosen on its own test cases.
SV_NET = Study(
    "sv-net", "SV-Net (Zhu et al. 2020): CT of 97 subjects, 10 folds", 97, 10, "ct-svnet", "iou", "sv_net",
    (Entry("SV-Net, few windows", "sv_net", (("SV-Net, same weights, a window at every slice", "sv_net_published"),)),
     Entry("SU-Net", "su_net"), Entry("V-Net", "v_net")),
    {"SV-Net in the paper, patients": {
        "superior rectus-levator complex": 0.7415, "lateral rectus muscle": 0.8178, "medial rectus muscle": 0.8387,
        "inferior rectus muscle": 0.8383, "optic nerve": 0.8233, "mean": 0.8119},
     "SU-Net in the paper, patients": {"mean": 0.7955}},
)
SEQ_UNET = Study(
    "seq-unet", "SEQ-UNET (Chung et al. 2022): CT of 46 subjects, 4 folds", 46, 4, "ct-sequnet", "dice",
    "seq_unet_published",
    (Entry("SEQ-UNET, published profile", "seq_unet_published"),
     Entry("SEQ-UNET, improved profile", "seq_unet_improved")),
    {"SEQ-UNET in the paper, patients": {"eyeball": 0.86, "extra-ocular muscles": 0.54, "optic nerve": 0.34}},
)
STUDIES = (SV_NET, SEQ_UNET)


def _volume(size: tuple[int, int, int], spacing: tuple[float, float, float], **settings: Any) -> dict[str, Any]:
    # Half of the slices fit into a window, so that few windows differ from one at every slice.
    window = (*size[:2], size[2] // 2)
    return {"profile_changes": {"shape": size, "spacing": spacing, "window": window}, **settings}


def _slices(size: tuple[int, int, int], spacing: tuple[float, float, float], **settings: Any) -> dict[str, Any]:
    return {"profile_changes": {"shape": size, "spacing": spacing, "window": (*size[:2], 1)}, **settings}


def _sequence(size: tuple[int, int, int], spacing: tuple[float, float, float], **settings: Any) -> dict[str, Any]:
    return {"profile_changes": {"shape": size, "spacing": spacing, "window": (3, *size[1:])}, **settings}


_QUICK = {"epochs": 2, "batch_size": 2, "validation_fraction": 0.0, "learning_rate": 1e-3}
_QUICK_SEQUENCES = {**_QUICK, "batch_size": 16, "epochs": 1,
                    "network_options": {"lstm_hidden": 8, "fine_lstm_hidden": 8}}
_TINY, _TINY_VOXELS = (32, 32, 32), (2.0, 2.0, 1.8)
_SMALL_SIZE, _SMALL_VOXELS = (48, 48, 64), (1.3, 1.3, 1.0)
_SMALL = {"validation_fraction": 0.0, "learning_rate": 2e-3, "bf16": True}
_SEQUENCES = {**_SMALL, "epochs": 40, "batch_size": 16, "learning_rate": 1e-3, "cosine": True, "largest_gradient": 1.0,
              "network_options": {"widths": (16, 32, 64), "lstm_hidden": 64, "fine_lstm_hidden": 8}}
#: The paper's loss needs its 500 epochs: the nerve has ten times the weight of the muscles, and once the nerve is
#: learned, that weight drives the other classes to where the sigmoid is flat, and they stay there.
_PUBLISHED_SEQUENCES = {**_SEQUENCES, "loss": "sigmoid_cross_entropy"}

SCALES = {scale.name: scale for scale in (
    Scale("full", "the papers' numbers of subjects, folds, voxels and epochs"),
    Scale("small", "12 subjects per study in scans of 0.8 x 0.8 x 1.2 mm, one of three folds; SV-Net, SU-Net and "
          "V-Net on 48 x 48 x 64 voxels of 1.3 x 1.3 x 1 mm instead of 256 x 256 x 128 of 0.34 x 0.34 x 0.5 mm; "
          "SEQ-UNET with a quarter of the channels, an eighth in both ConvLSTMs, in voxels of 1 mm in the improved "
          "profile, learning by cross-entropy in both profiles, because the loss of its paper needs the 500 epochs; "
          "960 to 1 160 steps at a higher learning rate",
          subjects=12, splits=3, folds=1, protocol="ct-fast", changes={
              "sv_net": _volume(_SMALL_SIZE, _SMALL_VOXELS, epochs=60, batch_size=2, **_SMALL),
              "v_net": _volume(_SMALL_SIZE, _SMALL_VOXELS, epochs=60, batch_size=2, **_SMALL),
              "su_net": _slices(_SMALL_SIZE, _SMALL_VOXELS, epochs=15, batch_size=16, **_SMALL),
              "seq_unet_published": _PUBLISHED_SEQUENCES,
              "seq_unet_improved": _sequence((48, 64, 64), (1.2, 1.0, 1.0), **_SEQUENCES)}),
    Scale("quick", "4 subjects per study, one of two folds, tiny networks, two epochs: shows that every step works, "
          "not how well a network segments", subjects=4, splits=2, folds=1, protocol="ct-fast", changes={
              "sv_net": _volume(_TINY, _TINY_VOXELS, network_options={"widths": (8, 16)}, **_QUICK),
              "v_net": _volume(_TINY, _TINY_VOXELS, network_options={"widths": (4, 8, 8, 8, 8)}, **_QUICK),
              "su_net": _slices(_TINY, _TINY_VOXELS, network_options={"widths": (8, 16)}, **{**_QUICK,
                                                                                         "batch_size": 16}),
              "seq_unet_published": _QUICK_SEQUENCES,
              "seq_unet_improved": _sequence((24, 32, 32), (2.4, 2.0, 2.0), **_QUICK_SEQUENCES)}),
)}


def choose_scale(name: str, device: str) -> Scale:
    """Return the scale of that name, see :func:`Testing.Experiments.reproduction.scales.chosen`."""
    return chosen(SCALES, name, device)
