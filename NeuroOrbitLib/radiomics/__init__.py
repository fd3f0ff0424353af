"""Radiomics features of regions under PyRadiomics' names: by PyRadiomics where it imports, else by our own engine."""
