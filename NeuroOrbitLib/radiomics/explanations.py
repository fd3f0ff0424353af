"""What each feature says, in one sentence, and its unit where it has one."""

from __future__ import annotations

_UNITS = {
    "MeshVolume": "mm3", "VoxelVolume": "mm3", "SurfaceArea": "mm2", "SurfaceVolumeRatio": "1/mm",
    "MajorAxisLength": "mm", "MinorAxisLength": "mm", "LeastAxisLength": "mm", "Maximum3DDiameter": "mm",
    "Maximum2DDiameterSlice": "mm", "Maximum2DDiameterColumn": "mm", "Maximum2DDiameterRow": "mm",
}  # fmt: skip

_SHAPE = {
    "Elongation": "Second longest against longest axis of the region: 1 is round, 0 is a line.",
    "Flatness": "Shortest against longest axis of the region: 1 is a ball, 0 is flat.",
    "LeastAxisLength": "Length of the shortest axis of the ellipsoid that spreads like the region.",
    "MajorAxisLength": "Length of the longest axis of the ellipsoid that spreads like the region.",
    "MinorAxisLength": "Length of the second longest axis of the ellipsoid that spreads like the region.",
    "Maximum2DDiameterColumn": "Largest distance between two points of the surface in a plane across rows (K-I).",
    "Maximum2DDiameterRow": "Largest distance between two points of the surface in a plane across columns (K-J).",
    "Maximum2DDiameterSlice": "Largest distance between two points of the surface in one slice.",
    "Maximum3DDiameter": "Largest distance between two points of the surface.",
    "MeshVolume": "Volume inside the triangles of the surface.",
    "Sphericity": "How close the surface comes to that of a ball of the same volume: 1 is a ball.",
    "SurfaceArea": "Area of the triangles of the surface.",
    "SurfaceVolumeRatio": "Surface per volume: low for compact regions.",
    "VoxelVolume": "Number of voxels times the volume of one.",
}
_FIRST_ORDER = {
    "10Percentile": "A tenth of the voxels is darker than this value.",
    "90Percentile": "A tenth of the voxels is brighter than this value.",
    "Energy": "Sum of the squared (shifted) values: grows with brightness and with the number of voxels.",
    "Entropy": "How unpredictable the grey level of a voxel is, in bits.",
    "InterquartileRange": "Range of the middle half of the values.",
    "Kurtosis": "Weight of the tails of the distribution of values (3 for a normal one).",
    "Maximum": "Largest value.",
    "MeanAbsoluteDeviation": "Mean distance of the values from their mean.",
    "Mean": "Mean of the values.",
    "Median": "Half of the voxels is brighter than this value.",
    "Minimum": "Smallest value.",
    "Range": "Largest minus smallest value.",
    "RobustMeanAbsoluteDeviation": "Mean distance from the mean among values between the 10th and 90th percentile.",
    "RootMeanSquared": "Root of the mean of the squared (shifted) values.",
    "Skewness": "Asymmetry of the distribution of values: above 0 with a tail of bright voxels.",
    "TotalEnergy": "Energy times the volume of a voxel.",
    "Uniformity": "Chance that two voxels have the same grey level: 1 for a flat region.",
    "Variance": "Mean squared distance of the values from their mean.",
}
_GLCM = {
    "Autocorrelation": "Mean product of the grey levels of neighbours: high for bright, coarse texture.",
    "ClusterProminence": "Weight of neighbours far from the mean level, to the fourth power.",
    "ClusterShade": "Asymmetry of the sums of neighbours' grey levels.",
    "ClusterTendency": "Spread of the sums of neighbours' grey levels: high where like lies beside like.",
    "Contrast": "Mean squared difference of neighbours' grey levels.",
    "Correlation": "Linear correlation of neighbours' grey levels, from -1 to 1.",
    "DifferenceAverage": "Mean difference of neighbours' grey levels.",
    "DifferenceEntropy": "How unpredictable the difference of neighbours' grey levels is, in bits.",
    "DifferenceVariance": "Spread of the differences of neighbours' grey levels.",
    "Id": "Local homogeneity: 1 where all neighbours are alike (inverse difference).",
    "Idm": "Local homogeneity with squared differences (inverse difference moment).",
    "Idmn": "Inverse difference moment, with differences relative to the number of grey levels.",
    "Idn": "Inverse difference, with differences relative to the number of grey levels.",
    "Imc1": "How much a voxel's level says about its neighbour's: 0 for nothing, -1 for everything.",
    "Imc2": "How much a voxel's level says about its neighbour's: 0 for nothing, up to 1.",
    "InverseVariance": "Weight of small differences between unequal neighbours.",
    "JointAverage": "Mean grey level over pairs of neighbours.",
    "JointEnergy": "Chance that two pairs of neighbours are the same: high for regular texture.",
    "JointEntropy": "How unpredictable a pair of neighbours is, in bits.",
    "MCC": "Largest correlation that any recoding of the grey levels gives neighbours (maximal correlation).",
    "MaximumProbability": "Share of the most frequent pair of neighbours.",
    "SumAverage": "Mean sum of neighbours' grey levels.",
    "SumEntropy": "How unpredictable the sum of neighbours' grey levels is, in bits.",
    "SumSquares": "Spread of the grey levels over pairs of neighbours.",
}
_NGTDM = {
    "Busyness": "How rapidly grey levels change from a voxel to its surroundings.",
    "Coarseness": "Inverse of the mean difference to the surroundings: high for slow changes.",
    "Complexity": "How many and how different primitive parts the region has.",
    "Contrast": "Range of grey levels times their local change.",
    "Strength": "How clearly the parts of the texture stand out.",
}


def _of_sizes(thing: str, things: str, small: str, large: str) -> dict[str, str]:
    """Sentences of the features that runs, zones and dependences share."""
    return {
        "small": f"Weight of {small} {things}: high for fine texture.",
        "large": f"Weight of {large} {things}: high for coarse texture.",
        "GrayLevelNonUniformity": f"How unevenly {things} are spread over the grey levels.",
        "GrayLevelNonUniformityNormalized": f"How unevenly {things} are spread over the grey levels, from 0 to 1.",
        "GrayLevelVariance": f"Spread of the grey levels over {things}.",
        "uneven": f"How unevenly the {things} are spread over their sizes.",
        "uneven_normalized": f"How unevenly the {things} are spread over their sizes, from 0 to 1.",
        "variance": f"Spread of the sizes of the {things}.",
        "entropy": f"How unpredictable grey level and size of a {thing} are, in bits.",
        "percentage": f"Number of {things} per voxel: 1 for the finest texture.",
        "low": f"Weight of dark {things}.",
        "high": f"Weight of bright {things}.",
        "small_low": f"Weight of {small}, dark {things}.",
        "small_high": f"Weight of {small}, bright {things}.",
        "large_low": f"Weight of {large}, dark {things}.",
        "large_high": f"Weight of {large}, bright {things}.",
    }


def _renamed(sentences: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    return {names.get(key, key): sentence for key, sentence in sentences.items() if names.get(key, key)}


_EXPLANATIONS = {
    "shape": _SHAPE, "firstorder": _FIRST_ORDER, "glcm": _GLCM, "ngtdm": _NGTDM,
    "glrlm": _renamed(_of_sizes("run", "runs of one grey level", "short", "long"), {
        "small": "ShortRunEmphasis", "large": "LongRunEmphasis", "uneven": "RunLengthNonUniformity",
        "uneven_normalized": "RunLengthNonUniformityNormalized", "variance": "RunVariance", "entropy": "RunEntropy",
        "percentage": "RunPercentage", "low": "LowGrayLevelRunEmphasis", "high": "HighGrayLevelRunEmphasis",
        "small_low": "ShortRunLowGrayLevelEmphasis", "small_high": "ShortRunHighGrayLevelEmphasis",
        "large_low": "LongRunLowGrayLevelEmphasis", "large_high": "LongRunHighGrayLevelEmphasis"}),
    "glszm": _renamed(_of_sizes("zone", "zones of one grey level", "small", "large"), {
        "small": "SmallAreaEmphasis", "large": "LargeAreaEmphasis", "uneven": "SizeZoneNonUniformity",
        "uneven_normalized": "SizeZoneNonUniformityNormalized", "variance": "ZoneVariance", "entropy": "ZoneEntropy",
        "percentage": "ZonePercentage", "low": "LowGrayLevelZoneEmphasis", "high": "HighGrayLevelZoneEmphasis",
        "small_low": "SmallAreaLowGrayLevelEmphasis", "small_high": "SmallAreaHighGrayLevelEmphasis",
        "large_low": "LargeAreaLowGrayLevelEmphasis", "large_high": "LargeAreaHighGrayLevelEmphasis"}),
    "gldm": _renamed(_of_sizes("voxel", "voxels by their number of like neighbours", "lonely", "embedded"), {
        "small": "SmallDependenceEmphasis", "large": "LargeDependenceEmphasis", "uneven": "DependenceNonUniformity",
        "uneven_normalized": "DependenceNonUniformityNormalized", "variance": "DependenceVariance",
        "entropy": "DependenceEntropy", "percentage": "", "GrayLevelNonUniformityNormalized": "",
        "low": "LowGrayLevelEmphasis", "high": "HighGrayLevelEmphasis",
        "small_low": "SmallDependenceLowGrayLevelEmphasis", "small_high": "SmallDependenceHighGrayLevelEmphasis",
        "large_low": "LargeDependenceLowGrayLevelEmphasis", "large_high": "LargeDependenceHighGrayLevelEmphasis"}),
}  # fmt: skip

_IMAGES = {
    "square": "of the squared image", "squareroot": "of the square root of the image",
    "logarithm": "of the logarithm of the image", "exponential": "of the exponential of the image",
    "gradient": "of the strength of edges", "lbp-2D": "of local binary patterns (how a voxel compares to its circle)",
}  # fmt: skip


def explanation(name: str) -> str:
    """One sentence about a feature.

    :param name: PyRadiomics' full name, e.g. "wavelet-LLH_glcm_Contrast".
    :raises KeyError: if there is no such feature.
    """
    image, kind, feature = name.split("_")
    sentence = _EXPLANATIONS[kind][feature]
    where = _image_words(image)
    return f"{sentence[:-1]} ({where})." if where else sentence


def unit_of(name: str) -> str:
    """Unit of a feature by its full name, e.g. "mm3"; empty if it has none or that of the scan's values."""
    _, kind, feature = name.split("_")
    return _UNITS.get(feature, "") if kind == "shape" else ""


def _image_words(image: str) -> str:
    if image.startswith("wavelet"):
        letters = image.rpartition("-")[2]
        words = ", ".join(f"{'coarse' if letter == 'L' else 'fine'} along {axis}"
                          for letter, axis in zip(letters, "xyz" if len(letters) == 3 else "ab", strict=False))
        return f"of the wavelet image {words}"
    if image.startswith("log-sigma-"):
        width = image.removeprefix("log-sigma-").partition("-mm")[0].replace("-", ".")
        return f"of blobs and edges of about {width} mm"
    return _IMAGES.get(image, "")
