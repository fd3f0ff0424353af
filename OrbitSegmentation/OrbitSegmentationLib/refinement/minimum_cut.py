"""The cheapest division of a grid of voxels into foreground and background: an exact minimum cut.

The energy is the sum of what each voxel wants and of what each pair of neighbours in different classes costs (Boykov
and Jolly, ICCV 2001). Costs are integers, so that the same question always has exactly the same answer.

Most voxels are decided without any flow: one that wants its class more than all undecided neighbours together could
gain by another has that class in the best division, and deciding it may decide its neighbours. Only what remains, a
band around the borders, goes to SciPy's maximum flow (Dinic).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

#: Costs are multiples of 1 / SCALE.
SCALE = 512
_FEW = 0.02  # of the candidates decided in one round: the flow does the rest sooner


def as_cost(values: np.ndarray) -> np.ndarray:
    """Costs as integers, in units of 1 / :data:`SCALE`; int32."""
    return np.rint(values * SCALE).astype(np.int32)


@dataclass(frozen=True)
class Links:
    """What it costs to divide neighbours.

    :param costs: for each axis of the grid, the cost between each voxel and the next one along the axis, flat, 0 for
        the last voxel of each line; int32, not negative.
    :param strides: for each axis, how many flat indices the next voxel is away.
    """

    costs: tuple[np.ndarray, ...]
    strides: tuple[int, ...]

    @classmethod
    def from_grid(cls, costs: tuple[np.ndarray, ...], shape: tuple[int, ...]) -> Links:
        """:param costs: per axis, an int32 array one shorter than ``shape`` along that axis."""
        strides = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
        padded = [
            np.concatenate([cost, np.zeros_like(cost, shape=(*shape[:axis], 1, *shape[axis + 1 :]))], axis=axis)
            for axis, cost in enumerate(costs)
        ]
        used = [axis for axis, cost in enumerate(costs) if cost.size]
        return cls(tuple(padded[axis].ravel() for axis in used), tuple(strides[axis] for axis in used))

    def around(self, voxels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Flat indices of the neighbours in each direction, and what dividing from them costs.

        Beyond the end of a line the index is one of any voxel and the cost 0.
        """
        for cost, stride in zip(self.costs, self.strides, strict=True):
            yield (voxels + stride) % cost.size, cost[voxels]
            before = (voxels - stride) % cost.size
            yield before, cost[before]


def minimum_cut(wish: np.ndarray, links: Links, decided: np.ndarray) -> np.ndarray:
    """Find the cheapest division; among equally cheap ones that with the fewest foreground voxels.

    :param wish: gain of each voxel from being foreground, negative where background is better; int32, any number of
        axes.
    :param links: costs of dividing neighbours of the same grid.
    :param decided: 1 for voxels that must be foreground, -1 for background, 0 for the others; int8.
    :return: true for foreground; bool, shape of ``wish``.
    """
    state = decided.astype(np.int8).ravel()
    wishes = wish.ravel().astype(np.int32)
    _decide_the_obvious(wishes, links, state)
    undecided = np.flatnonzero(state == 0)
    if undecided.size:
        state[undecided[_wanted_by_flow(wishes, links, undecided)]] = 1
    return (state > 0).reshape(wish.shape)


def _decide_the_obvious(wishes: np.ndarray, links: Links, state: np.ndarray) -> None:
    """Decide voxels whose wish outweighs their undecided neighbours; ``wishes`` takes in what decided ones want."""
    sides, undecided = state.astype(np.int32), (state == 0).astype(np.int32)
    against = np.zeros_like(wishes)  # what undecided neighbours could bring up against a voxel's wish
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
    """Whether a wish decides: a draw is background, so background needs no majority."""
    return (wishes > against) | (-wishes >= against)


def _wanted_by_flow(wishes: np.ndarray, links: Links, undecided: np.ndarray) -> np.ndarray:
    """Which of the undecided voxels are foreground: those that the maximum flow still reaches from the source."""
    from scipy.sparse import csr_array  # not when the application starts
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    capacities, source, sink = _network(wishes, links, undecided)
    flow = maximum_flow(capacities, source, sink).flow
    left = csr_array((capacities - flow) > 0)
    reached = breadth_first_order(left, source, return_predecessors=False)
    wanted = np.zeros(undecided.size + 2, dtype=bool)
    wanted[reached] = True
    return wanted[: undecided.size]


def _network(wishes: np.ndarray, links: Links, undecided: np.ndarray):
    """Capacities between the undecided voxels, a source and a sink: a sparse int32 matrix, and the two's numbers."""
    from scipy.sparse import csr_array  # not when the application starts

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
