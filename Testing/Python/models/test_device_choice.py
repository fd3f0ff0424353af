"""Choosing the device: the reason is told, and a wish that cannot be met is not passed over in silence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from NeuroOrbitLib.models import DeviceChoice, ModelProblem, choose_device, device


@pytest.fixture
def graphics_card(monkeypatch):
    """A computer with a graphics card that works and has 4 GiB of free memory."""
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (4 * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Example 4000")
    works = SimpleNamespace(add_=lambda _: SimpleNamespace(item=lambda: 2.0))
    monkeypatch.setattr(torch, "ones", lambda *_, **__: works)


def test_a_working_graphics_card_is_used(graphics_card):
    assert choose_device("auto") == DeviceChoice("cuda", "The graphics card Example 4000 computes.")
    assert choose_device("cuda", needed_bytes=3 * 2**30).device == "cuda"


def test_the_processor_is_used_when_wanted(graphics_card):
    assert choose_device("cpu").device == "cpu"


def test_too_little_memory_on_the_card_is_told(graphics_card):
    choice = choose_device("auto", needed_bytes=6 * 2**30)
    assert choice.device == "cpu"
    assert "4.0 GiB of free memory, and 6.0 GiB are needed" in choice.reason
    with pytest.raises(ModelProblem, match="Choose auto or cpu"):
        choose_device("cuda", needed_bytes=6 * 2**30)


def test_a_card_that_another_program_fills_is_left_alone(graphics_card, monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2**30, 8 * 2**30))
    assert choose_device("auto").device == "cpu"
    with pytest.raises(ModelProblem, match=r"1\.0 GiB of free memory"):
        choose_device("cuda")


@pytest.mark.parametrize("kind", [RuntimeError, torch.cuda.DeferredCudaCallError])
def test_a_card_that_torch_cannot_use_is_told(graphics_card, monkeypatch, kind):
    def fail(*_, **__):
        raise kind("no kernel image is available for execution on the device\nmore")

    monkeypatch.setattr(torch, "ones", fail)
    choice = choose_device("auto")
    assert choice.device == "cpu"
    assert choice.reason.endswith("(no kernel image is available for execution on the device).")


@pytest.mark.parametrize(("version", "words"), [(None, "no support for NVIDIA"), ("12.8", "no NVIDIA graphics card")])
def test_the_reason_without_a_card_is_told(monkeypatch, version, words):
    monkeypatch.setattr(torch.version, "cuda", version)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert words in choose_device("auto").reason
    with pytest.raises(ModelProblem, match=words):
        choose_device("cuda")


def test_an_unknown_device_is_refused():
    with pytest.raises(ModelProblem, match="auto, cpu or cuda"):
        choose_device("tpu")


@pytest.mark.parametrize(("bfloat16", "matrix_unit", "intel", "doubles"), [
    (True, False, True, False), (True, True, True, True), (True, False, False, True), (False, False, False, False)])
def test_many_small_passes_take_bfloat16_only_where_it_has_twice_the_rate(monkeypatch, bfloat16, matrix_unit, intel,
                                                                          doubles):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bfloat16, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: matrix_unit, raising=False)
    monkeypatch.setattr(device, "_is_by_intel", lambda: intel)
    assert device.doubles_with_bfloat16("cpu") == doubles
    assert device.supports_fast_bfloat16("cpu") == bfloat16


@pytest.mark.parametrize(("capability", "fast"), [((6, 1), False), ((7, 5), False), ((8, 0), True), ((12, 0), True)])
def test_bfloat16_is_left_to_cards_that_do_not_emulate_it(graphics_card, monkeypatch, capability, fast):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device=None: capability)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *_: True)  # what PyTorch says of all of them
    assert device.supports_fast_bfloat16("cuda") == device.doubles_with_bfloat16("cuda:0") == fast
