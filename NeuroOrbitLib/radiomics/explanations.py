"""The meaning of each feature in one sentence, and its unit, if it has one."""

from __future__ import annotations

from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

_UNITS = {
    "MeshVolume": "mm3", "VoxelVolume": "mm3", "SurfaceArea": "mm2", "SurfaceVolumeRatio": "1/mm",
    "MajorAxisLength": "mm", "MinorAxisLength": "mm", "LeastAxisLength": "mm", "Maximum3DDiameter": "mm",
    "Maximum2DDiameterSlice": "mm", "Maximum2DDiameterColumn": "mm", "Maximum2DDiameterRow": "mm",
}  # fmt: skip

_SHAPE = {
    "Elongation": _("Second longest against longest axis of the region: 1 is round, 0 is a line."),
    "Flatness": _("Shortest against longest axis of the region: 1 is a ball, 0 is flat."),
    "LeastAxisLength": _("Length of the shortest axis of the ellipsoid that spreads like the region."),
    "MajorAxisLength": _("Length of the longest axis of the ellipsoid that spreads like the region."),
    "MinorAxisLength": _("Length of the second longest axis of the ellipsoid that spreads like the region."),
    "Maximum2DDiameterColumn": _("Largest distance between two points of the surface in a plane across rows (K-I)."),
    "Maximum2DDiameterRow": _("Largest distance between two points of the surface in a plane across columns (K-J)."),
    "Maximum2DDiameterSlice": _("Largest distance between two points of the surface in one slice."),
    "Maximum3DDiameter": _("Largest distance between two points of the surface."),
    "MeshVolume": _("Volume inside the triangles of the surface."),
    "Sphericity": _("How close the surface comes to that of a ball of the same volume: 1 is a ball."),
    "SurfaceArea": _("Area of the triangles of the surface."),
    "SurfaceVolumeRatio": _("Surface per volume: low for compact regions."),
    "VoxelVolume": _("Number of voxels times the volume of one."),
}
_FIRST_ORDER = {
    "10Percentile": _("A tenth of the voxels is darker than this value."),
    "90Percentile": _("A tenth of the voxels is brighter than this value."),
    "Energy": _("Sum of the squared (shifted) values: grows with brightness and with the number of voxels."),
    "Entropy": _("How unpredictable the grey level of a voxel is, in bits."),
    "InterquartileRange": _("Range of the middle half of the values."),
    "Kurtosis": _("Weight of the tails of the distribution of values (3 for a normal one)."),
    "Maximum": _("Largest value."),
    "MeanAbsoluteDeviation": _("Mean distance of the values from their mean."),
    "Mean": _("Mean of the values."),
    "Median": _("Half of the voxels is brighter than this value."),
    "Minimum": _("Smallest value."),
    "Range": _("Largest minus smallest value."),
    "RobustMeanAbsoluteDeviation": _("Mean distance from the mean among values between the 10th and 90th percentile."),
    "RootMeanSquared": _("Root of the mean of the squared (shifted) values."),
    "Skewness": _("Asymmetry of the distribution of values: above 0 with a tail of bright voxels."),
    "TotalEnergy": _("Energy times the volume of a voxel."),
    "Uniformity": _("Chance that two voxels have the same grey level: 1 for a flat region."),
    "Variance": _("Mean squared distance of the values from their mean."),
}
_GLCM = {
    "Autocorrelation": _("Mean product of the grey levels of neighbours: high for bright, coarse texture."),
    "ClusterProminence": _("Weight of neighbours far from the mean level, to the fourth power."),
    "ClusterShade": _("Asymmetry of the sums of neighbours' grey levels."),
    "ClusterTendency": _("Spread of the sums of neighbours' grey levels: high where like lies beside like."),
    "Contrast": _("Mean squared difference of neighbours' grey levels."),
    "Correlation": _("Linear correlation of neighbours' grey levels, from -1 to 1."),
    "DifferenceAverage": _("Mean difference of neighbours' grey levels."),
    "DifferenceEntropy": _("How unpredictable the difference of neighbours' grey levels is, in bits."),
    "DifferenceVariance": _("Spread of the differences of neighbours' grey levels."),
    "Id": _("Local homogeneity: 1 where all neighbours are alike (inverse difference)."),
    "Idm": _("Local homogeneity with squared differences (inverse difference moment)."),
    "Idmn": _("Inverse difference moment, with differences relative to the number of grey levels."),
    "Idn": _("Inverse difference, with differences relative to the number of grey levels."),
    "Imc1": _("How much a voxel's level says about its neighbour's: 0 for nothing, -1 for everything."),
    "Imc2": _("How much a voxel's level says about its neighbour's: 0 for nothing, up to 1."),
    "InverseVariance": _("Weight of small differences between unequal neighbours."),
    "JointAverage": _("Mean grey level over pairs of neighbours."),
    "JointEnergy": _("Chance that two pairs of neighbours are the same: high for regular texture."),
    "JointEntropy": _("How unpredictable a pair of neighbours is, in bits."),
    "MCC": _("Largest correlation that any recoding of the grey levels gives neighbours (maximal correlation)."),
    "MaximumProbability": _("Share of the most frequent pair of neighbours."),
    "SumAverage": _("Mean sum of neighbours' grey levels."),
    "SumEntropy": _("How unpredictable the sum of neighbours' grey levels is, in bits."),
    "SumSquares": _("Spread of the grey levels over pairs of neighbours."),
}
_NGTDM = {
    "Busyness": _("How rapidly grey levels change from a voxel to its surroundings."),
    "Coarseness": _("Inverse of the mean difference to the surroundings: high for slow changes."),
    "Complexity": _("How many and how different primitive parts the region has."),
    "Contrast": _("Range of grey levels times their local change."),
    "Strength": _("How clearly the parts of the texture stand out."),
}


def _of_sizes(thing: str, things: str, small: str, large: str) -> dict[str, str]:
    """Return the sentences of the features that runs, zones and dependences share, by key."""
    sentences = {
        "small": _("Weight of {small} {things}: high for fine texture."),
        "large": _("Weight of {large} {things}: high for coarse texture."),
        "GrayLevelNonUniformity": _("How unevenly {things} are spread over the grey levels."),
        "GrayLevelNonUniformityNormalized": _("How unevenly {things} are spread over the grey levels, from 0 to 1."),
        "GrayLevelVariance": _("Spread of the grey levels over {things}."),
        "uneven": _("How unevenly the {things} are spread over their sizes."),
        "uneven_normalized": _("How unevenly the {things} are spread over their sizes, from 0 to 1."),
        "variance": _("Spread of the sizes of the {things}."),
        "entropy": _("How unpredictable grey level and size of a {thing} are, in bits."),
        "percentage": _("Number of {things} per voxel: 1 for the finest texture."),
        "low": _("Weight of dark {things}."),
        "high": _("Weight of bright {things}."),
        "small_low": _("Weight of {small}, dark {things}."),
        "small_high": _("Weight of {small}, bright {things}."),
        "large_low": _("Weight of {large}, dark {things}."),
        "large_high": _("Weight of {large}, bright {things}."),
    }
    return {key: each.format(thing=thing, things=things, small=small, large=large) for key, each in sentences.items()}


def _renamed(sentences: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    return {names.get(key, key): sentence for key, sentence in sentences.items() if names.get(key, key)}


_EXPLANATIONS = {
    "shape": _SHAPE, "firstorder": _FIRST_ORDER, "glcm": _GLCM, "ngtdm": _NGTDM,
    "glrlm": _renamed(_of_sizes(_("run"), _("runs of one grey level"), _("short"), _("long")), {
        "small": "ShortRunEmphasis", "large": "LongRunEmphasis", "uneven": "RunLengthNonUniformity",
        "uneven_normalized": "RunLengthNonUniformityNormalized", "variance": "RunVariance", "entropy": "RunEntropy",
        "percentage": "RunPercentage", "low": "LowGrayLevelRunEmphasis", "high": "HighGrayLevelRunEmphasis",
        "small_low": "ShortRunLowGrayLevelEmphasis", "small_high": "ShortRunHighGrayLevelEmphasis",
        "large_low": "LongRunLowGrayLevelEmphasis", "large_high": "LongRunHighGrayLevelEmphasis"}),
    "glszm": _renamed(_of_sizes(_("zone"), _("zones of one grey level"), _("small"), _("large")), {
        "small": "SmallAreaEmphasis", "large": "LargeAreaEmphasis", "uneven": "SizeZoneNonUniformity",
        "uneven_normalized": "SizeZoneNonUniformityNormalized", "variance": "ZoneVariance", "entropy": "ZoneEntropy",
        "percentage": "ZonePercentage", "low": "LowGrayLevelZoneEmphasis", "high": "HighGrayLevelZoneEmphasis",
        "small_low": "SmallAreaLowGrayLevelEmphasis", "small_high": "SmallAreaHighGrayLevelEmphasis",
        "large_low": "LargeAreaLowGrayLevelEmphasis", "large_high": "LargeAreaHighGrayLevelEmphasis"}),
    "gldm": _renamed(_of_sizes(
        _("voxel"), _("voxels by their number of like neighbours"), _("lonely"), _("embedded")), {
        "small": "SmallDependenceEmphasis", "large": "LargeDependenceEmphasis", "uneven": "DependenceNonUniformity",
        "uneven_normalized": "DependenceNonUniformityNormalized", "variance": "DependenceVariance",
        "entropy": "DependenceEntropy", "percentage": "", "GrayLevelNonUniformityNormalized": "",
        "low": "LowGrayLevelEmphasis", "high": "HighGrayLevelEmphasis",
        "small_low": "SmallDependenceLowGrayLevelEmphasis", "small_high": "SmallDependenceHighGrayLevelEmphasis",
        "large_low": "LargeDependenceLowGrayLevelEmphasis", "large_high": "LargeDependenceHighGrayLevelEmphasis"}),
}  # fmt: skip

_IMAGES = {
    "square": _("Computed on the squared image."),
    "squareroot": _("Computed on the square root of the image."),
    "logarithm": _("Computed on the logarithm of the image."),
    "exponential": _("Computed on the exponential of the image."),
    "gradient": _("Computed on the strength of edges."),
    "lbp-2D": _("Computed on local binary patterns (how a voxel compares to its circle)."),
}


def explanation(name: str) -> str:
    """Return the meaning of a feature, and the image from which it is computed.

    :param name: full name in PyRadiomics, e.g. "wavelet-LLH_glcm_Contrast".
    :raises KeyError: if there is no such feature.
    """
    image, kind, feature = name.split("_")
    where = _image_words(image)
    return joined([_EXPLANATIONS[kind][feature], *([where] if where else [])])


def unit_of(name: str) -> str:
    """Return the unit of a feature, e.g. "mm3"; empty if it has none or depends on the unit of the scan's values.

    :param name: full name in PyRadiomics.
    """
    _image, kind, feature = name.split("_")
    return _UNITS.get(feature, "") if kind == "shape" else ""


def _image_words(image: str) -> str:
    if image.startswith("wavelet"):
        letters = image.rpartition("-")[2]
        axes = zip(letters, "xyz" if len(letters) == 3 else "ab", strict=False)
        return _("Computed on the wavelet image {directions}.").format(directions=[
            (_("coarse along {axis}") if letter == "L" else _("fine along {axis}")).format(axis=axis)
            for letter, axis in axes])
    if image.startswith("log-sigma-"):
        width = image.removeprefix("log-sigma-").partition("-mm")[0].replace("-", ".")
        return _("Computed on blobs and edges of about {width} mm.").format(width=width)
    return _IMAGES.get(image, "")
