"""The cheapest division of a grid of voxels into foreground and background: an exact minimum cut.

The energy is the sum of a term for each voxel and of a cost for each pair of neighbours in different classes (Boykov
and Jolly, ICCV 2001). Costs are integers, so that the same input always gives exactly the same result.

Most voxels are decided without computing a flow: a voxel whose own term outweighs the links to all its undecided
neighbours together keeps its class in the best division, and deciding it may decide its neighbours. Only the remaining
voxels, a band around the borders, are passed to SciPy's maximum flow (Dinic).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Costs are multiples of 1 / SCALE.
SCALE = 512
_FEW = 0.02  # share of the candidates decided in a round below which the flow is faster for the rest


def as_cost(values: np.ndarray) -> np.ndarray:
    """Return costs as integers in units of 1 / :data:`SCALE`; int32, shape of ``values``."""
    return np.rint(values * SCALE).astype(np.int32)


@dataclass(frozen=True)
class Links:
    """The costs of dividing neighbours.

    :param costs: for each axis of the grid, the cost between each voxel and the next one along the axis, flattened, 0
        for the last voxel of each line; int32, not negative.
    :param strides: for each axis, the distance of the next voxel in flat indices.
    """

    costs: tuple[np.ndarray, ...]
    strides: tuple[int, ...]

    @classmethod
    def from_grid(cls, costs: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> Links:
        """Return the links of a grid.

        :param costs: for each axis, an int32 array of costs that is one shorter than ``shape`` along that axis.
        :param shape: shape of the grid.
        """
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        padded = [
            np.concatenate([cost, np.zeros_like(cost, shape=(*shape[:axis], 1, *shape[axis + 1 :]))], axis=axis)
            for axis, cost in enumerate(costs)
        ]
        used = [axis for axis, cost in enumerate(costs) if cost.size]
        return cls(tuple(padded[axis].ravel() for axis in used), tuple(strides[axis] for axis in used))

    def around(self, voxels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield, for each direction, the flat indices of the voxels' neighbours and the costs of dividing from them.

        Beyond the end of a line the index is arbitrary and the cost is 0.

        :param voxels: flat indices of the voxels, (N,).
        """
        for cost, stride in zip(self.costs, self.strides, strict=True):
            yield (voxels + stride) % cost.size, cost[voxels]
            before = (voxels - stride) % cost.size
            yield before, cost[before]


def minimum_cut(wish: np.ndarray, links: Links, decided: np.ndarray) -> np.ndarray:
    """Return the cheapest division and, among equally cheap ones, the one with the fewest foreground voxels.

    :param wish: gain of each voxel from being foreground, negative where background is better; int32, any number of
        axes.
    :param links: costs of dividing neighbours, on the same grid.
    :param decided: 1 for voxels that must be foreground, -1 for background, 0 for the others; int8, same shape.
    :return: mask of the foreground; bool, same shape.
    """
    state = decided.astype(np.int8).ravel()
    wishes = wish.ravel().astype(np.int32)
    _decide_the_obvious(wishes, links, state)
    undecided = np.flatnonzero(state == 0)
    if undecided.size:
        state[undecided[_wanted_by_flow(wishes, links, undecided)]] = 1
    return (state > 0).reshape(wish.shape)


def _decide_the_obvious(wishes: np.ndarray, links: Links, state: np.ndarray) -> None:
    """Decide voxels whose wish outweighs their undecided neighbours, and add the links to decided ones to ``wishes``.

    :param wishes: gain of each voxel from being foreground, flattened; changed in place.
    :param links: costs of dividing neighbours.
    :param state: 1 for foreground, -1 for background, 0 for undecided voxels, flattened; changed in place.
    """
    sides, undecided = state.astype(np.int32), (state == 0).astype(np.int32)
    against = np.zeros_like(wishes)  # sum of the costs of a voxel's links to undecided neighbours
    for cost, stride in zip(links.costs, links.strides, strict=True):
        here, there, cost = slice(0, -stride), slice(stride, None), cost[:-stride]
        wishes[here] += cost * sides[there]
        wishes[there] += cost * sides[here]
        against[here] += cost * undecided[there]
        against[there] += cost * undecided[here]
    candidates = np.flatnonzero(undecided)
    while candidates.size:
        obvious = candidates[_outweigh(wishes[candidates], against[candidates])]
        state[obvious] = side = np.where(wishes[obvious] > 0, 1, -1)
        touched = np.zeros(state.size, dtype=bool)
        for neighbours, cost in links.around(obvious):
            wishes[neighbours] += cost * side
            against[neighbours] -= cost
            touched[neighbours] = True
        if obvious.size < _FEW * candidates.size:
            break
        candidates = np.flatnonzero(touched & (state == 0))


def _outweigh(wishes: np.ndarray, against: np.ndarray) -> np.ndarray:
    """Return whether a wish decides its voxel; in a draw the voxel is background, so this needs no majority."""
    return (wishes > against) | (-wishes >= against)


def _wanted_by_flow(wishes: np.ndarray, links: Links, undecided: np.ndarray) -> np.ndarray:
    """Return which undecided voxels are foreground: those that the maximum flow leaves connected to the source."""
    from scipy.sparse import csr_array  # imported here, so that Slicer starts without it
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    capacities, source, sink = _network(wishes, links, undecided)
    flow = maximum_flow(capacities, source, sink).flow
    left = csr_array((capacities - flow) > 0)
    reached = breadth_first_order(left, source, return_predecessors=False)
    wanted = np.zeros(undecided.size + 2, dtype=bool)
    wanted[reached] = True
    return wanted[: undecided.size]


def _network(wishes: np.ndarray, links: Links, undecided: np.ndarray) -> tuple[csr_array, int, int]:
    """Return the capacities between undecided voxels, a source and a sink (sparse int32), and the two's numbers."""
    from scipy.sparse import csr_array  # imported here, so that Slicer starts without it

    number = np.full(wishes.size, -1, dtype=np.int32)
    number[undecided] = np.arange(undecided.size, dtype=np.int32)
    source, sink = undecided.size, undecided.size + 1
    starts, ends, values = [], [], []
    for neighbours, cost in links.around(undecided):
        linked = (number[neighbours] >= 0) & (cost > 0)
        starts.append(number[undecided[linked]])
        ends.append(number[neighbours[linked]])
        values.append(cost[linked])
    wish = wishes[undecided]
    for gain, from_, to in ((wish, source, None), (-wish, None, sink)):
        eager = np.flatnonzero(gain > 0).astype(np.int32)
        fixed = np.full_like(eager, from_ if to is None else to)
        starts += [fixed, eager] if to is None else [eager, fixed]
        ends += [eager, fixed] if to is None else [fixed, eager]
        values += [gain[eager].astype(np.int32), np.zeros(eager.size, dtype=np.int32)]  # and the way back for the flow
    entries = np.concatenate(values), (np.concatenate(starts), np.concatenate(ends))
    return csr_array(entries, shape=(undecided.size + 2, undecided.size + 2)), source, sink
