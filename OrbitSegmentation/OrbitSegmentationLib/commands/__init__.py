"""The commands of ``python -m OrbitSegmentationLib``, one module each; they import what they need when they run."""
