"""A statistical shape model of the orbit and the face around it, learned from head label maps.

Every orbit is registered to the same one, so that a voxel of that one has a place in each of them. The mean of these
places and the principal components of their differences describe how orbits differ (point distribution model, Cootes
1995; of dense registrations, Rueckert 2003). A random shape of the model is an orbit of nobody, with walls, muscles,
nerve and face that vary together as they do between people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.files.safe import write_arrays
from NeuroOrbitLib.imaging.deformable import register_deformably
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.phantom.head.labelmaps import EYE_MUSCLES, EYEBALL, OPTIC_NERVE, OUTER_TISSUES, SOFT_TISSUE
from OrbitSegmentationLib.any_contrast.training.head_labels import LabelledHead, head_name, labels_around, load_head
from OrbitSegmentationLib.orbit_frame import OrbitFrame

#: Corners (mm, x y z in the right-eye frame) of the box that is registered, and its voxel size.
LOW, HIGH, SPACING = (-38.0, -58.0, -34.0), (38.0, 43.0, 34.0), 1.8
#: The places of every ``_EVERY``th voxel along each axis are kept, since displacements are smooth.
_EVERY = 2
#: Share of the variance that the modes explain; what remains is noise of the registration.
EXPLAINED = 0.98
#: Largest deviation of a random shape along a mode, in SD.
_LARGEST_DEVIATION = 2.5
#: Values of the tissues for the registration: the further apart, the more their border counts.
_VALUE_OF_BRAIN = 2.5
_VALUES = dict.fromkeys(OUTER_TISSUES, 1.0) | {0: 0.0, SOFT_TISSUE: 1.0, EYEBALL: 2.0, EYE_MUSCLES: 3.0,
                                               OPTIC_NERVE: 3.0, 512: 2.0, 515: 4.0, 516: 4.0}
#: SD (mm) of the smoothing of these values.
_SMOOTHING = 1.2
#: Distances (mm) from the globe's centre between which the deformation sets in, so that the eyeball stays round.
_GLOBE_STAYS, _FULL_FROM = 13.5, 23.0
_INVERSION_ROUNDS = 12


@dataclass(frozen=True)
class OrbitShapeModel:
    """Corresponding places of several orbits, each in its own right-eye frame, turned alike.

    :param names: names of the orbits, as in :func:`orbit_name`.
    :param places: where the places of the first orbit are found in each one, (orbits, K, J, I, 3) mm.
    :param turns: rotation (orbits, 3, 3) of each orbit against the first one.
    """

    names: tuple[str, ...]
    places: np.ndarray
    turns: np.ndarray

    @classmethod
    def learned(cls, heads: list[LabelledHead]) -> OrbitShapeModel:
        """Return the model of both orbits of some heads; every orbit takes about 10 s.

        :raises ValueError: if there is no head.
        """
        orbits = [(orbit_name(head, frame), _tissue_values(head, frame)) for head in heads for frame in head.frames]
        if not orbits:
            raise ValueError("A shape model needs at least one head.")
        template = orbits[0][1]
        identity = np.eye(3), np.zeros((*template.array.shape, 3))
        found = [identity] + [register_deformably(template, image, np.zeros(3)) for _name, image in orbits[1:]]
        start = template.grid.voxel_centers()
        places = [(start + displacement)[::_EVERY, ::_EVERY, ::_EVERY] for _turn, displacement in found]
        return cls(tuple(name for name, _image in orbits), np.array(places, np.float32),
                   np.array([turn for turn, _displacement in found]))

    @classmethod
    def of(cls, label_maps: list[Path], path: Path) -> OrbitShapeModel:
        """Return the model of some head label maps, read from ``path`` if it is there, else learned and written there.

        :param label_maps: files of the head label maps.
        :raises Problem: if one of them cannot be read.
        """
        heads = {head_name(each) for each in label_maps}
        if path.exists():
            model = cls.load(path)
            if {name.rpartition("_")[0] for name in model.names} == heads:
                return model
        model = cls.learned([load_head(each) for each in label_maps])
        model.save(path)
        return model

    @classmethod
    def load(cls, path: Path) -> OrbitShapeModel:
        """Return the model that :meth:`save` wrote."""
        with np.load(path) as arrays:
            return cls(tuple(arrays["names"].tolist()), arrays["places"], arrays["turns"])

    def save(self, path: Path) -> None:
        """Write the model to a file (``.npz``)."""
        write_arrays(path, names=np.array(self.names), places=self.places, turns=self.turns)

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean shape, (K, J, I, 3) mm."""
        return self.places.mean(axis=0)

    @cached_property
    def modes(self) -> np.ndarray:
        """Modes of variation, (modes, K, J, I, 3) mm per SD, those of the largest variance first."""
        vectors, scales = self._components
        count = int(np.searchsorted(self.explained, EXPLAINED)) + 1 if scales.any() else 0
        freedom = max(len(self.names) - 1, 1)
        modes = scales[:count, None] * vectors[:count] / np.sqrt(freedom)
        return modes.reshape(-1, *self.mean.shape).astype(np.float32)

    @property
    def explained(self) -> np.ndarray:
        """Share of the variance that the first, the first two, ... components explain."""
        scales = self._components[1]
        return np.cumsum(scales**2) / max(float((scales**2).sum()), 1e-12)

    @cached_property
    def _components(self) -> tuple[np.ndarray, np.ndarray]:
        """Principal components (orbits, K J I 3), each of unit length, and their scales."""
        differences = (self.places - self.mean).reshape(len(self.names), -1)
        _weights, scales, vectors = np.linalg.svd(differences, full_matrices=False)
        return vectors, scales

    def random_shape(self, rng: np.random.Generator) -> np.ndarray:
        """Return the places (K, J, I, 3) mm of a random shape."""
        weights = np.clip(rng.normal(size=len(self.modes)), -_LARGEST_DEVIATION, _LARGEST_DEVIATION)
        return self.mean + np.tensordot(weights.astype(np.float32), self.modes, 1)

    def nearest(self, places: np.ndarray) -> np.ndarray:
        """Return the shape (K, J, I, 3) of the model that comes nearest to the places of an orbit, of the same size."""
        vectors = self._components[0][:len(self.modes)]
        return self.mean + ((places - self.mean).ravel() @ vectors.T @ vectors).reshape(places.shape)

    def random_deformation(self, name: str, rng: np.random.Generator) -> Deformation:
        """Return the deformation that gives an orbit a random shape of the model; its head stays turned as it is.

        :param name: name of an orbit of the model.
        """
        number = self.names.index(name)
        return Deformation.between(self.random_shape(rng), self.places[number], self.turns[number])


@dataclass(frozen=True)
class Deformation:
    """A deformation of an orbit in its right-eye frame, which leaves the eyeball as it is.

    :param displacements: from places of the deformed orbit to those of the real one, on :func:`coarse_grid`,
        (K, J, I, 3) mm.
    """

    displacements: np.ndarray

    @classmethod
    def between(cls, shape: np.ndarray, places: np.ndarray, turn: np.ndarray) -> Deformation:
        """Return the deformation from one shape to another.

        :param shape, places: places (K, J, I, 3) mm of the deformed and of the real orbit, both turned alike.
        :param turn: rotation (3, 3) of the real orbit against these.
        """
        start = coarse_grid().voxel_centers()
        to_shape, to_places = shape - start, places - start
        targets = start @ turn
        # Where in the model's first orbit is each place of the deformed one?
        origins = targets
        for _ in range(_INVERSION_ROUNDS):
            origins = targets - _at(to_shape, origins)
        return cls(((origins + _at(to_places, origins) - targets) @ turn.T).astype(np.float32))

    def __call__(self, points: np.ndarray, globe: np.ndarray) -> np.ndarray:
        """Return where in the real orbit the points of the deformed one lie.

        :param points: positions (..., 3) in the right-eye frame, mm.
        :param globe: centre (3,) of the eyeball in that frame, mm.
        """
        distance = np.linalg.norm(points - globe, axis=-1, keepdims=True)
        weight = np.clip((distance - _GLOBE_STAYS) / (_FULL_FROM - _GLOBE_STAYS), 0.0, 1.0)
        return points + weight * _at(self.displacements, points)


def orbit_name(head: LabelledHead, frame: OrbitFrame) -> str:
    """Return the name of an orbit of a head in the model and in the label bank."""
    return f"{head.name}_{frame.side.value}"


def coarse_grid() -> Grid:
    """Return the grid of the model's places, in the right-eye frame."""
    fine = OrbitFrame((0.0, 0.0, 0.0), "right").grid(SPACING, LOW, HIGH)
    shape = tuple(len(range(0, count, _EVERY)) for count in fine.shape)
    return Grid(shape, fine.affine @ np.diag([_EVERY, _EVERY, _EVERY, 1.0]))


def _tissue_values(head: LabelledHead, frame: OrbitFrame) -> Image:
    """Return the image of an orbit that is registered, in the right-eye frame."""
    labels = labels_around(head, frame, SPACING, LOW, HIGH)
    table = np.full(int(labels.max()) + 1, _VALUE_OF_BRAIN, np.float32)
    for value, grey in _VALUES.items():
        if value < len(table):
            table[value] = grey
    grid = OrbitFrame((0.0, 0.0, 0.0), "right").grid(SPACING, LOW, HIGH)
    return Image(ndimage.gaussian_filter(table[labels], _SMOOTHING / SPACING), grid.affine)


def _at(vectors: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return vectors (K, J, I, 3) on :func:`coarse_grid` interpolated at points (..., 3; mm); edges are repeated."""
    kji = np.moveaxis(coarse_grid().ijk_from_ras(points)[..., ::-1], -1, 0)
    return np.stack([ndimage.map_coordinates(vectors[..., axis], kji, order=1, mode="nearest")
                     for axis in range(3)], axis=-1)
