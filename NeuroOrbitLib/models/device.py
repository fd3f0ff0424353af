"""Where to compute, and why there."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    import torch

_GIB = 2**30
#: On a card with less free memory than this a network of the extension might run out of it.
LEAST_BYTES = 2 * _GIB
_CPUINFO_START = 4096


@dataclass(frozen=True)
class DeviceChoice:
    """A device for torch, and the reason in words for the user."""

    device: str
    reason: str


def choose_device(wanted: Literal["auto", "cpu", "cuda"] = "auto", needed_bytes: int = LEAST_BYTES) -> DeviceChoice:
    """Choose between the graphics card and the processor.

    :param wanted: "auto" takes the graphics card if there is one that works and has enough free memory.
    :param needed_bytes: memory that the computation takes on the device.
    :raises ModelProblem: if "cuda" is wanted and cannot be had, with the reason.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise ModelProblem(_("There is no device {wanted!r}. Choose auto, cpu or cuda.").format(wanted=wanted))
    if wanted == "cpu":
        return DeviceChoice("cpu", _("The processor (CPU) computes, as chosen."))
    obstacle = _obstacle(needed_bytes)
    if obstacle is None:
        import torch

        return DeviceChoice("cuda", _("The graphics card {card} computes.").format(
            card=torch.cuda.get_device_name()))
    if wanted == "cuda":
        raise ModelProblem(_("The graphics card cannot be used: {obstacle}. Choose auto or cpu as the "
                             "device.").format(obstacle=obstacle))
    return DeviceChoice("cpu", _("The processor (CPU) computes: {obstacle}.").format(obstacle=obstacle))


def supports_fast_bfloat16(device: torch.device | str) -> bool:
    """Whether bfloat16 arithmetic is faster than float32 on ``device`` rather than emulated."""
    import torch

    kind = torch.device(device).type
    if kind == "cuda":
        return torch.cuda.is_bf16_supported()
    if kind != "cpu":
        return False
    return _has("_is_avx512_bf16_supported")


def doubles_with_bfloat16(device: torch.device | str) -> bool:
    """Whether bfloat16 has at least twice the rate of float32, so that it pays for many small passes, too.

    Rounding to bfloat16 costs time of its own. Large passes win by half the memory traffic wherever
    :func:`supports_fast_bfloat16`; small ones win by arithmetic only. Intel's processors gain that in their matrix
    unit (AMX) alone: their AVX-512 multiplies bfloat16 no faster than float32, which ``make bench`` measures.
    """
    import torch

    if torch.device(device).type != "cpu":
        return supports_fast_bfloat16(device)
    return supports_fast_bfloat16(device) and (_has("_is_amx_tile_supported") or not _is_by_intel())


def _has(question: str) -> bool:
    """What torch says of the processor; it tells by underscored functions only: where one is missing, no."""
    import torch

    return bool(getattr(torch.cpu, question, lambda: False)())


def _is_by_intel() -> bool:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as stream:
            return "GenuineIntel" in stream.read(_CPUINFO_START)
    except OSError:  # not Linux: its name is enough there
        return "intel" in platform.processor().lower()


def _obstacle(needed_bytes: int) -> str | None:
    """Why the graphics card cannot be used; ``None`` if it can."""
    import torch

    if torch.version.cuda is None:
        return _("the installed PyTorch has no support for NVIDIA graphics cards")
    if not torch.cuda.is_available():
        return _("no NVIDIA graphics card with a working driver was found")
    try:
        torch.ones(1, device="cuda").add_(1).item()
        free, _total = torch.cuda.mem_get_info()
    except RuntimeError as error:
        return _("the graphics card does not work with the installed PyTorch ({reason})").format(
            reason=str(error).splitlines()[0])
    if free < needed_bytes:
        return (
            _("the graphics card has {free:.1f} GiB of free memory, and {needed_bytes:.1f} GiB are needed").format(
            free=free / _GIB, needed_bytes=needed_bytes / _GIB)
        )
    return None
