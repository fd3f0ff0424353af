"""Our own engine of radiomics features: NumPy and SciPy alone, equal to PyRadiomics, the same from run to run."""
