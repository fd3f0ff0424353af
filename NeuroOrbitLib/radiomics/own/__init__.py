"""Our own engine of radiomics features, which only needs NumPy and SciPy and gives the values of PyRadiomics."""
