"""The commands of ``python -m OrbitSegmentationLib``, one module each; modules are imported when they are needed."""
