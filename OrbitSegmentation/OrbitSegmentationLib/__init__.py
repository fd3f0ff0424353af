"""The parts of the OrbitSegmentation module: pure computation, except for the packages ``mrml`` and ``widgets``."""
