"""Grey level zones (GLSZM): sizes of connected sets of voxels with the same grey level (Thibault et al. 2009)."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from NeuroOrbitLib.radiomics.own.emphases import feature_names, size_matrix
from NeuroOrbitLib.radiomics.own.region import RegionLevels

_NAMES = feature_names("Zone", "SmallArea", "LargeArea", "SizeZone")


def glszm(region: RegionLevels) -> dict[str, float]:
    """Return the 16 features of a region; voxels that share a face, an edge or a corner are connected."""
    near = region.near
    directions, first = np.nonzero(near.ahead == region.levels[None])
    order = np.zeros(region.padded.size, dtype=np.int32)
    order[region.places] = np.arange(len(region.places))
    second = order[region.places[first] + near.flat[directions]]
    count = len(region.levels)
    graph = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
    _, zones = connected_components(graph, directed=False)
    _, representatives, sizes = np.unique(zones, return_index=True, return_counts=True)
    found = size_matrix(region.present, region.ranks[representatives], sizes).features()
    return {name: found[key] for name, key in _NAMES.items()}
