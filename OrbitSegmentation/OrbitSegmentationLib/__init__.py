"""What the OrbitSegmentation module is made of: pure computation, but for the rooms ``mrml`` and ``widgets``."""
