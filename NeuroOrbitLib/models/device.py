"""Choice of the device to compute on, with the reason for the user."""

from __future__ import annotations

import platform
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    import torch

_GIB = 2**30
#: Free memory (bytes) of a graphics card below which a network of the extension might not fit.
LEAST_BYTES = 2 * _GIB
_CPUINFO_START = 4096
#: Major compute capability of the first graphics cards that compute in bfloat16.
_AMPERE = 8
#: Reason why this process leaves the graphics card alone although it may seem to work; "" if it does not.
given_up: ContextVar[str] = ContextVar("given_up", default="")


@dataclass(frozen=True)
class DeviceChoice:
    """A device for torch, and the reason for choosing it, in words for the user.

    :param is_fallback: whether the processor computes only because the graphics card has failed in a computation.
    """

    device: str
    reason: str
    is_fallback: bool = False

    def as_data(self) -> dict[str, Any]:
        """Return the choice as plain data for records."""
        return {"name": self.device, "reason": self.reason, "is_fallback": self.is_fallback}


def choose_device(wanted: Literal["auto", "cpu", "cuda"] = "auto", needed_bytes: int = LEAST_BYTES) -> DeviceChoice:
    """Choose between the graphics card and the processor.

    :param wanted: "auto", "cpu" or "cuda"; "auto" takes the graphics card if it works and has enough free memory.
    :param needed_bytes: memory in bytes that the computation takes on the graphics card.
    :raises ModelProblem: if "cuda" is wanted and cannot be used (the message gives the reason), or there is no such
        device.
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
    return DeviceChoice("cpu", _("The processor (CPU) computes: {obstacle}.").format(obstacle=obstacle),
                        bool(given_up.get()))


def release_card_memory() -> None:
    """Give back the memory that PyTorch keeps on the graphics card for this process's next computation.

    Other processes, such as those of the other modules, would find the card full. Nothing happens if PyTorch was not
    imported or does not use the card.

    :raises RuntimeError: if the card has failed.
    """
    cuda = sys.modules.get("torch.cuda")
    if cuda is not None and cuda.is_initialized():
        cuda.empty_cache()


def supports_fast_bfloat16(device: torch.device | str) -> bool:
    """Return whether ``device`` computes in bfloat16 natively, faster than in float32, instead of emulating it."""
    import torch

    kind = torch.device(device).type
    if kind == "cuda":
        # PyTorch's own answer is also true for older cards, on which it emulates bfloat16 and cuDNN may lack it.
        return torch.cuda.is_available() and torch.cuda.get_device_capability(device)[0] >= _AMPERE
    if kind != "cpu":
        return False
    return _has("_is_avx512_bf16_supported")


def doubles_with_bfloat16(device: torch.device | str) -> bool:
    """Return whether bfloat16 has at least twice the rate of float32, so that it also pays for many small passes.

    Rounding to bfloat16 takes time itself. Large passes gain from half the memory traffic wherever
    :func:`supports_fast_bfloat16` is true; small ones gain only from faster arithmetic. Intel's processors offer that
    only in their matrix unit (AMX): their AVX-512 multiplies bfloat16 no faster than float32, which ``make bench``
    measures.
    """
    import torch

    if torch.device(device).type != "cpu":
        return supports_fast_bfloat16(device)
    return supports_fast_bfloat16(device) and (_has("_is_amx_tile_supported") or not _is_by_intel())


def _has(question: str) -> bool:
    """Return torch's answer to a question about the processor; False if torch lacks that (private) function."""
    import torch

    return bool(getattr(torch.cpu, question, lambda: False)())


def _is_by_intel() -> bool:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as stream:
            return "GenuineIntel" in stream.read(_CPUINFO_START)
    except OSError:  # not Linux: there the processor's name says it
        return "intel" in platform.processor().lower()


def _obstacle(needed_bytes: int) -> str | None:
    """Return the reason why the graphics card cannot be used; ``None`` if it can."""
    import torch

    if given_up.get():
        return given_up.get()
    if torch.version.cuda is None:
        return _("the installed PyTorch has no support for NVIDIA graphics cards")
    if not torch.cuda.is_available():
        return _("no NVIDIA graphics card with a working driver was found")
    try:
        torch.ones(1, device="cuda").add_(1).item()
        release_card_memory()  # which would not count as free
        free, _total = torch.cuda.mem_get_info()
    except (RuntimeError, torch.cuda.DeferredCudaCallError) as error:  # the latter if a card has disappeared
        return _("the graphics card does not work with the installed PyTorch ({reason})").format(
            reason=str(error).splitlines()[0])
    if free < needed_bytes:
        return (
            _("the graphics card has {free:.1f} GiB of free memory, and {needed_bytes:.1f} GiB are needed").format(
            free=free / _GIB, needed_bytes=needed_bytes / _GIB)
        )
    return None
