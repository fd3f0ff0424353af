"""Radiomics features of regions, named as in PyRadiomics: by PyRadiomics if it is installed, else by our own engine."""
