"""A graphics card that fails in the middle of a computation, which then goes on on the processor and says so."""

from __future__ import annotations

import pytest
import torch

from NeuroOrbitLib.models import choose_device
from NeuroOrbitLib.models.card_failure import repeated_on_cpu
from NeuroOrbitLib.models.device import given_up

FULL = "CUDA out of memory. Tried to allocate 2.00 GiB.\nmore"
BROKEN = "CUDA error: unspecified launch failure\nmore"
NO_ENGINE = "Unable to find an engine to execute this computation"


@pytest.fixture(autouse=True)
def card(monkeypatch):
    """A computer with a graphics card that seems to work; returns the calls that free its memory."""
    freed = []
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: freed.append(True))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: ((4 if freed else 1) * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Example 4000")
    ones = torch.ones
    monkeypatch.setattr(torch, "ones", lambda *shape, **_device: ones(*shape))
    before = given_up.set("")
    yield freed
    given_up.reset(before)


def computation(message: str, kind: type[Exception] = RuntimeError):
    """Return a function that fails on the graphics card, and its calls."""
    calls = []

    @repeated_on_cpu
    def compute(scan: str, device: str = "auto") -> dict[str, str]:
        choice = choose_device(device)
        calls.append(choice.device)
        if choice.device == "cuda":
            raise kind(message)
        return {"scan": scan, **choice.as_data()}

    return compute, calls


@pytest.mark.parametrize("message", [FULL, NO_ENGINE, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasC`"])
def test_a_card_that_gets_full_hands_over_to_the_processor_for_this_scan_only(message):
    compute, calls = computation(message)
    found = compute("scan.nii")
    assert calls == ["cuda", "cpu"] and found["scan"] == "scan.nii" and found["is_fallback"]
    assert found["reason"] == ("The processor (CPU) computes: the memory of the graphics card did not suffice for this "
                               "computation.")
    assert choose_device("auto").device == "cuda" and not choose_device("cpu").is_fallback


def test_a_card_that_breaks_down_is_left_alone_from_then_on():
    compute, calls = computation(BROKEN)
    assert "failed (CUDA error: unspecified launch failure); restart" in compute("scan.nii")["reason"]
    compute("scan.nii")
    assert calls == ["cuda", "cpu", "cpu"]


def test_a_card_that_was_asked_for_is_not_exchanged_for_the_processor_in_silence():
    compute, calls = computation(FULL)
    for call in (lambda: compute("scan.nii", "cuda"), lambda: compute("scan.nii", device="cuda")):
        with pytest.raises(RuntimeError, match="out of memory"):
            call()
    assert calls == ["cuda", "cuda"]


@pytest.mark.parametrize(("message", "kind"), [("shape mismatch", RuntimeError), (FULL, ValueError)])
def test_other_faults_are_not_tried_twice(message, kind):
    compute, calls = computation(message, kind)
    with pytest.raises(kind):
        compute("scan.nii")
    assert calls == ["cuda"]


def test_memory_that_this_process_keeps_for_itself_counts_as_free(card):
    assert choose_device("cuda", needed_bytes=3 * 2**30).device == "cuda" and card == [True]
