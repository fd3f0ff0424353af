"""Grey level co-occurrence (GLCM): frequencies of neighbouring grey levels (Haralick 1973)."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.radiomics.own.region import RegionLevels, direction_weights

_SMALLEST = np.spacing(1.0)


def glcm(region: RegionLevels) -> dict[str, float]:
    """Return the 24 features of a region: means over the directions, or those of the weighted sum of their matrices."""
    shares = _matrices(region)
    levels = region.present.astype(float)
    largest = int(region.present[-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {**_joint(shares, levels), **_sums_and_differences(shares, region.present, largest),
                 **_information(shares), "MCC": _maximal_correlation(shares)}
        return {name: _mean(values) for name, values in found.items()}


def _mean(values: np.ndarray) -> float:
    """Return the mean over directions; directions without a value do not count."""
    valid = values[~np.isnan(values)]
    return float(np.real(valid.mean())) if valid.size else float("nan")


def _matrices(region: RegionLevels) -> np.ndarray:
    """Return the shares (A, G, G) of the pairs of levels, without directions that have no pair."""
    steps, neighbours = region.around.steps, region.around.ahead
    count = len(region.present)
    # Level 0, outside of the region, gets the last index, which is left out.
    ranks = np.append(count, region.rank_of[1:])[neighbours]
    flat = (np.arange(len(steps))[:, None] * count + region.ranks[None]) * (count + 1) + ranks
    counts = np.bincount(flat.ravel(), minlength=len(steps) * count * (count + 1))
    matrices = counts.reshape(len(steps), count, count + 1)[:, :, :count].astype(float)
    if region.settings.symmetrical_glcm:
        matrices = matrices + matrices.transpose(0, 2, 1)
    if region.settings.weighting_norm is not None:
        lengths = direction_weights(region, steps)
        plain = region.settings.weighting_norm == "no_weighting"
        weights = np.ones(len(steps)) if plain else np.exp(-(lengths**2))
        matrices = np.tensordot(weights, matrices, axes=1)[None]
    totals = matrices.sum(axis=(1, 2))
    return matrices[totals > 0] / totals[totals > 0][:, None, None]


def _joint(shares: np.ndarray, levels: np.ndarray) -> dict[str, np.ndarray]:
    rows, columns = shares.sum(axis=2), shares.sum(axis=1)
    mean_x, mean_y = rows @ levels, columns @ levels
    variance_x = (rows * (levels - mean_x[:, None]) ** 2).sum(axis=1)
    variance_y = (columns * (levels - mean_y[:, None]) ** 2).sum(axis=1)
    cluster = levels[None, :, None] + levels[None, None] - (mean_x + mean_y)[:, None, None]
    deviations_x, deviations_y = levels - mean_x[:, None], levels - mean_y[:, None]
    covariance = np.einsum("ai,aij,aj->a", deviations_x, shares, deviations_y, optimize=True)
    deviation = np.sqrt(variance_x) * np.sqrt(variance_y)
    square = cluster * cluster
    weighted = shares * square
    return {
        "Autocorrelation": np.einsum("i,aij,j->a", levels, shares, levels, optimize=True),
        "JointAverage": mean_x,
        "ClusterProminence": (weighted * square).sum(axis=(1, 2)),
        "ClusterShade": (weighted * cluster).sum(axis=(1, 2)),
        "ClusterTendency": weighted.sum(axis=(1, 2)),
        "Contrast": (shares * (levels[:, None] - levels[None]) ** 2).sum(axis=(1, 2)),
        "Correlation": np.where(deviation == 0, 1.0, covariance / (deviation + _SMALLEST)),
        "JointEnergy": (shares**2).sum(axis=(1, 2)),
        "MaximumProbability": shares.max(axis=(1, 2)) if shares.size else mean_x,
        "SumSquares": variance_x,
    }


def _sums_and_differences(shares: np.ndarray, present: np.ndarray, largest: int) -> dict[str, np.ndarray]:
    """Return features of the distributions of the sum and the absolute difference of both levels of a pair."""
    sums = _distribution(shares, present[:, None] + present[None], 2 * largest + 1)
    differences = _distribution(shares, np.abs(present[:, None] - present[None]), largest)
    size, step = np.arange(2 * largest + 1.0), np.arange(float(largest))
    average = differences @ step
    return {
        "SumAverage": sums @ size,
        "SumEntropy": -(sums * np.log2(sums + _SMALLEST)).sum(axis=1),
        "DifferenceAverage": average,
        "DifferenceEntropy": -(differences * np.log2(differences + _SMALLEST)).sum(axis=1),
        "DifferenceVariance": (differences * (step - average[:, None]) ** 2).sum(axis=1),
        "Id": differences @ (1 / (1 + step)),
        "Idm": differences @ (1 / (1 + step**2)),
        "Idn": differences @ (1 / (1 + step / largest)),
        "Idmn": differences @ (1 / (1 + step**2 / largest**2)),
        "InverseVariance": differences[:, 1:] @ (1 / step[1:] ** 2),
    }


def _distribution(shares: np.ndarray, kind: np.ndarray, count: int) -> np.ndarray:
    """Return the sums (A, ``count``) of the shares (A, G, G) by kind, which is given for each pair of levels (G, G)."""
    matrices = len(shares)
    flat = (np.arange(matrices)[:, None] * count + kind.ravel()[None]).ravel()
    return np.bincount(flat, weights=shares.ravel(), minlength=matrices * count).reshape(matrices, count)


def _entropy(shares: np.ndarray, of: np.ndarray) -> np.ndarray:
    return -(shares * np.log2(of + _SMALLEST)).sum(axis=(1, 2))


def _information(shares: np.ndarray) -> dict[str, np.ndarray]:
    rows, columns = shares.sum(axis=2, keepdims=True), shares.sum(axis=1, keepdims=True)
    product = rows * columns
    joint, crossed, independent = _entropy(shares, shares), _entropy(shares, product), _entropy(product, product)
    larger = np.maximum(_entropy(rows, rows), _entropy(columns, columns))
    second = np.sqrt(1 - np.exp(-2 * (independent - joint)))
    return {
        "JointEntropy": joint,
        "Imc1": np.where(larger == 0, 0.0, (joint - crossed) / larger),
        "Imc2": np.where(independent == joint, 0.0, second),
    }


def _maximal_correlation(shares: np.ndarray) -> np.ndarray:
    """Return the root of the second largest eigenvalue of Haralick's matrix Q, per direction; 1 for a single level."""
    if shares.shape[1] < 2:
        return np.ones(1)
    rows, columns = shares.sum(axis=2), shares.sum(axis=1)
    weighted = shares / (rows[:, :, None] * columns[:, None, :] + _SMALLEST)
    eigenvalues = np.linalg.eigvals(weighted @ shares.transpose(0, 2, 1))
    eigenvalues.sort(axis=1)
    return np.sqrt(eigenvalues[:, -2])
