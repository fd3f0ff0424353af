"""Images of random contrast: what stays true whatever is drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from NeuroOrbitLib.phantom.scanner.contrast import GROUPS, random_contrast
from NeuroOrbitLib.phantom.scanner.random_artefacts import smooth_field
from NeuroOrbitLib.phantom.scanner.randomised_image import CT_WINDOW, fat_septa, scale_for_network, synthesise
from NeuroOrbitLib.phantom.tissue import Tissue

COUNT = len(Tissue) + 1
UNSPECIFIED = COUNT - 1


@pytest.fixture(scope="module")
def tissues() -> torch.Tensor:
    array = np.full((32, 32, 32), int(Tissue.ORBITAL_FAT), dtype=np.uint8)
    array[:16, :16] = Tissue.MEDIAL_RECTUS
    array[:16, 16:] = Tissue.VITREOUS
    array[16:, :8] = UNSPECIFIED
    return torch.from_numpy(array)


def test_every_tissue_belongs_to_exactly_one_group():
    members = [int(tissue) for group in GROUPS.values() for tissue in group]
    assert sorted(members) == sorted(int(tissue) for tissue in Tissue)


def test_ct_and_mr_and_pure_chance_are_all_drawn():
    contrasts = [random_contrast(np.random.default_rng(seed), COUNT) for seed in range(200)]
    share_of_ct = np.mean([contrast.is_ct for contrast in contrasts])
    assert 0.12 < share_of_ct < 0.35
    fat_brighter = [c.mean[Tissue.ORBITAL_FAT] > c.mean[Tissue.MEDIAL_RECTUS] for c in contrasts if not c.is_ct]
    assert 0.25 < np.mean(fat_brighter) < 0.85


def test_ct_keeps_the_order_of_hounsfield_units():
    for seed in range(100):
        contrast = random_contrast(np.random.default_rng(seed), COUNT)
        if contrast.is_ct:
            air, fat, muscle, bone = contrast.mean[[Tissue.AIR, Tissue.ORBITAL_FAT, Tissue.MEDIAL_RECTUS, Tissue.BONE]]
            assert air < -900 < fat < -40 < muscle < 90 < bone


def test_some_ct_are_taken_with_iodine_and_some_globes_hold_oil():
    contrasts = [random_contrast(np.random.default_rng(seed), COUNT) for seed in range(600)]
    ct = np.array([c.mean[[Tissue.VEIN, Tissue.MEDIAL_RECTUS, Tissue.VITREOUS]] for c in contrasts if c.is_ct])
    iodine, oil = ct[:, 0] - ct[:, 1] > 35, ct[:, 2] > 60
    assert 0.15 < iodine.mean() < 0.45 and 0 < oil.mean() < 0.1


def test_images_have_half_the_size_and_lie_between_0_and_1(tissues):
    for seed in range(25):
        image = synthesise(tissues, 1.0, np.random.default_rng(seed), UNSPECIFIED)
        assert image.shape == (16, 16, 16) and image.dtype == torch.float32
        assert torch.isfinite(image).all() and image.min() >= 0 and image.max() <= 1


def test_the_same_random_state_gives_the_same_image(tissues):
    first, again, other = (synthesise(tissues, 1.0, np.random.default_rng(s), UNSPECIFIED) for s in (4, 4, 5))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_most_images_tell_muscle_from_fluid(tissues):
    clear = 0
    for seed in range(30):
        image = synthesise(tissues, 1.0, np.random.default_rng(seed), UNSPECIFIED)
        muscle, vitreous = image[1:7, 1:7], image[1:7, 9:15]
        clear += abs(float(muscle.mean() - vitreous.mean())) > float(muscle.std() + vitreous.std()) / 2
    assert clear >= 18


def test_scaling_takes_a_fixed_window_for_ct_and_percentiles_for_mr():
    ct = torch.tensor([-1000.0, CT_WINDOW[0], 50.0, CT_WINDOW[1], 2000.0])
    assert scale_for_network(ct, True).tolist() == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])
    mr = torch.rand(20, 20, 20) * 3000 + 500
    once, brighter = scale_for_network(mr, False), scale_for_network(mr * 7 + 11, False)
    assert torch.allclose(once, brighter, atol=1e-4)
    assert scale_for_network(torch.full((8, 8, 8), 5.0), False).abs().max() <= 1


def test_a_small_scan_in_a_large_box_keeps_its_contrast():
    box = torch.zeros(64, 64, 64)
    box[28:36, 28:36, 20:44] = torch.linspace(100.0, 1000.0, 24)
    inside, shown = box > 0, float((box > 0).float().mean())
    assert scale_for_network(box, False)[inside].min() > 0.99
    scaled = scale_for_network(box, False, shown)[inside]
    assert scaled.min() < 0.15 and 0.4 < scaled.median() < 0.7 and (scaled > 0.99).float().mean() < 0.1
    whole = torch.rand(64, 64, 64)
    assert torch.equal(scale_for_network(whole, False), scale_for_network(whole, False, shown=0.5))


def test_smooth_fields_are_smooth():
    field = smooth_field((40, 40, 40), 4, np.random.default_rng(0))
    assert field.diff(dim=0).abs().max() < 0.4 < field.max() - field.min()


def test_fat_septa_are_thin_sheets_in_the_orbital_fat_alone():
    tissues = torch.full((60, 60, 60), int(Tissue.MUSCLE), dtype=torch.uint8)
    tissues[:, :, :40] = int(Tissue.ORBITAL_FAT)
    for seed in range(5):
        septa = fat_septa(tissues, np.random.default_rng(seed))
        assert septa[:, :, 40:].abs().max() == 0
        assert 0.05 < septa.max() <= 0.8
        strong = septa[:, :, :40] > septa.max() / 2
        assert 0.01 < strong.float().mean() < 0.2
        # Sheets, not spots: nearly every strong voxel has a strong neighbour, and few are surrounded by them.
        filled = torch.nn.functional.avg_pool3d(strong[None, None].float(), 3, 1, 1)[0, 0][strong]
        assert (filled > 1.5 / 27).float().mean() > 0.95
        assert (filled > 26.5 / 27).float().mean() < 0.2
