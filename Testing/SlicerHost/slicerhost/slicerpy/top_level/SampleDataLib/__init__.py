"""The parts of the SampleData module."""
