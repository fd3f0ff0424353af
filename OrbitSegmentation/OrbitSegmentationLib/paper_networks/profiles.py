"""How each paper's network sees an orbit: field of view, voxels, grey values, classes. Plain data without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite, prod
from typing import Any, Literal, get_args, get_origin, get_type_hints

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, STRUCTURES
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

Layout = Literal["volume", "slice", "sequence"]
Intensity = Literal["ct_window", "sequence_min_max", "percentiles"]

#: Largest number of voxels of an orbit's array and of a window of it.
MOST_VOXELS = 512**3
CT_LEVEL = 48.0
CT_WIDTH = 400.0


@dataclass(frozen=True)
class Profile:
    """The settings that preprocessing, training and prediction of a network share.

    The orbit's array has the axes that ``axes`` names, e.g. ``SRA`` = (superior, right, anterior). Its slices lie along
    the last axis for the layouts ``volume`` and ``slice``, and along the first axis for ``sequence``.

    :param name: name of the profile in configurations and model packages.
    :param network: name of the network in the registry.
    :param layout: input of the network: ``volume`` (whole windows), ``slice`` (single slices) or ``sequence`` (three
        neighbouring slices).
    :param classes: keys of the structures that each class merges.
    :param exclusive: whether channel 0 is the background and the largest channel wins; otherwise there is a sigmoid per
        class.
    :param axes: anatomical directions (R, A and S, each once) of the array axes, in array order.
    :param shape: size of the orbit's array in voxels; for ``half_head`` the slice axis follows the scan.
    :param spacing: voxel size (mm) along each array axis; for ``half_head`` the scan decides.
    :param field: ``orbit_box`` around the eye, or ``half_head``: a half of the front two thirds of the scan.
    :param offset: offset (mm; lateral, anterior, superior) of the box's centre from the eye's centre.
    :param window: size in voxels of what the network sees at once, in array order; for ``sequence``, slices first.
    :param intensity: scaling of the grey values: ``ct_window`` (fixed HU window), ``sequence_min_max`` (after that
        window, each sequence from 0 to 1) or ``percentiles`` (for MRI).
    :param mirror_left: whether left orbits are mirrored to look like right ones.
    :param slice_step: distance in slices between the windows of a ``volume`` network in prediction; 1 in SV-Net's
        paper.
    :param weighting: weighting of overlapping windows: ``gaussian`` or, as in SV-Net's paper, ``constant``.
    :param within_reach: whether a ``volume`` network predicts only the part of the array that can hold structures, in
        windows as wide and as high as that part.
    :param reach: limits (mm, low and high per array axis) of structures, measured from the array's centre.
    """

    name: str
    network: str
    layout: Layout
    classes: tuple[tuple[str, ...], ...]
    exclusive: bool
    axes: str
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    field: Literal["orbit_box", "half_head"]
    window: tuple[int, int, int]
    intensity: Intensity
    mirror_left: bool
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    slice_step: int = 8
    weighting: Literal["gaussian", "constant"] = "gaussian"
    within_reach: bool = False
    reach: tuple[tuple[float, float], ...] = ((-500.0, 500.0),) * 3

    @property
    def channels(self) -> int:
        """Number of channels of the network's output."""
        return len(self.classes) + int(self.exclusive)

    @property
    def reach_box(self) -> tuple[slice, ...]:
        """The part of the orbit's array that can hold structures."""
        axes = zip(self.shape, self.spacing, self.reach, strict=True)
        return tuple(slice(max(round(size / 2 + low / step), 0), min(round(size / 2 + high / step), size))
                     for size, step, (low, high) in axes)

    def changed(self, changes: Mapping[str, Any]) -> Profile:
        """Return this profile with other values.

        :raises Problem: for an unknown setting, or a value that the setting cannot have.
        """
        known = {item.name for item in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise Problem(_("Unknown profile setting {unknown!r}. Known are: {known}.").format(
                unknown=unknown[0], known=sorted(known)))
        result = replace(self, **{key: _as_tuples(value) for key, value in changes.items()})
        return _consistent(result)

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as plain data, for configurations and model packages."""
        return asdict(self)


_SV_NET_CLASSES = (("superior_rectus",), ("lateral_rectus",), ("medial_rectus",), ("inferior_rectus",),
                   ("optic_nerve",))
_SEQ_UNET_CLASSES = (("eyeball", "lens"), EXTRAOCULAR_MUSCLES, ("optic_nerve",))

SV_NET = Profile(
    name="sv_net",
    network="sv_net",
    layout="volume",
    classes=_SV_NET_CLASSES,
    exclusive=True,
    axes="SRA",
    shape=(256, 256, 128),
    spacing=(0.34, 0.34, 0.5),
    field="orbit_box",
    window=(256, 256, 32),
    intensity="ct_window",
    mirror_left=True,
    # From 17 mm before the eye's middle to 47 mm behind it: cornea to orbital apex.
    offset=(-5.0, -15.0, 0.0),
    # Windows overlap by half: on synthetic CT within 0.001 Dice of a window at every slice (make reproduce-orbit).
    slice_step=16,
    within_reach=True,
    # In front it ends 9 mm before the eye's middle, where the last tendon ends.
    reach=((-30.0, 30.0), (-30.0, 30.0), (-32.0, 24.0)),
)
# Inference as in the paper: a window at every slice, averaged without weights; a hundred times as slow as SV_NET's.
SV_NET_PUBLISHED = replace(SV_NET, name="sv_net_published", slice_step=1, weighting="constant",
                           within_reach=False)
SU_NET = replace(SV_NET, name="su_net", network="su_net", layout="slice", window=(256, 256, 1), within_reach=False)
V_NET = replace(SV_NET, name="v_net", network="v_net")
SEQ_UNET_PUBLISHED = Profile(
    name="seq_unet_published",
    network="seq_unet",
    layout="sequence",
    classes=_SEQ_UNET_CLASSES,
    exclusive=False,
    axes="SAR",
    shape=(0, 64, 64),
    spacing=(0.0, 0.0, 0.0),
    field="half_head",
    window=(3, 64, 64),
    intensity="sequence_min_max",
    mirror_left=False,
)
SEQ_UNET_IMPROVED = replace(
    SEQ_UNET_PUBLISHED,
    name="seq_unet_improved",
    shape=(64, 128, 128),
    spacing=(1.0, 0.5, 0.5),
    field="orbit_box",
    window=(3, 128, 128),
    intensity="ct_window",
    mirror_left=True,
    # The box of 64 mm reaches from the midline to the lateral rim and from the cornea to the apex.
    offset=(-4.0, -14.0, 0.0),
)
SEQ_UNET_LIGHT = replace(SEQ_UNET_IMPROVED, name="seq_unet_light", network="seq_unet_light")

PROFILES = {
    profile.name: profile
    for profile in (SV_NET, SV_NET_PUBLISHED, SU_NET, V_NET, SEQ_UNET_PUBLISHED, SEQ_UNET_IMPROVED, SEQ_UNET_LIGHT)
}


def find_profile(name: str) -> Profile:
    """Return the profile called ``name``.

    :raises Problem: if there is none; the message lists the names.
    """
    if name not in PROFILES:
        raise Problem(_("There is no profile {name!r}. Choose one of: {profiles}.").format(
            name=name, profiles=PROFILES))
    return PROFILES[name]


def profile_from_dict(data: Mapping[str, Any]) -> Profile:
    """Return the profile described by the result of :meth:`Profile.as_dict`, also after a round trip through JSON.

    :raises Problem: for a value that a setting cannot have.
    :raises TypeError: for missing or unknown settings.
    """
    return _consistent(Profile(**{key: _as_tuples(value) for key, value in data.items()}))


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(item) for item in value) if isinstance(value, (list, tuple)) else value


def _consistent(profile: Profile) -> Profile:
    """Return ``profile`` if its settings are possible and consistent; raise :class:`Problem` otherwise."""
    wrong = _wrong_setting(profile)
    if wrong:
        raise Problem(_("The profile setting {wrong!r} cannot be {getattr!r}.").format(
            wrong=wrong, getattr=getattr(profile, wrong)))
    sizes = zip(profile.window, profile.shape, strict=True)
    if any(size > whole > 0 for size, whole in sizes):
        raise Problem(
            _("The window {window} of profile {profile} is larger than the orbit's array {shape}.").format(
            window=profile.window, profile=profile.name, shape=profile.shape)
        )
    return profile


def _wrong_setting(profile: Profile) -> str | None:
    """Return the name of the first setting with a value that it cannot have, or ``None``."""
    for name, kind in get_type_hints(Profile).items():
        if not _is_of_kind(getattr(profile, name), kind):
            return name
    keys = {structure.key for structure in STRUCTURES}
    listed = [key for group in profile.classes for key in group]
    is_box = profile.field == "orbit_box"
    possible = {
        "classes": all(profile.classes) and bool(listed) and keys.issuperset(listed) and len({*listed}) == len(listed),
        "axes": sorted(profile.axes) == ["A", "R", "S"],
        "shape": (not is_box or min(profile.shape) > 0) and prod(profile.shape) <= MOST_VOXELS,
        "spacing": not is_box or min(profile.spacing) > 0,
        "window": min(profile.window) > 0 and prod(profile.window) <= MOST_VOXELS,
        "slice_step": profile.slice_step > 0,
        "reach": len(profile.reach) == len(profile.shape),
    }
    return next((name for name, is_possible in possible.items() if not is_possible), None)


def _is_of_kind(value: Any, kind: Any) -> bool:
    """Return whether a value has the annotated type of a field of :class:`Profile`; an int counts as a float."""
    parts = get_args(kind)
    if get_origin(kind) is Literal:
        return value in parts
    if kind is float:
        return type(value) in (int, float) and isfinite(value)
    if get_origin(kind) is not tuple:
        return type(value) is kind
    if not isinstance(value, tuple):
        return False
    kinds = parts[:1] * len(value) if parts[-1] is Ellipsis else parts
    return len(value) == len(kinds) and all(map(_is_of_kind, value, kinds))
