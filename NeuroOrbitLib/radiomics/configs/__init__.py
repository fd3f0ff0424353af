"""Shipped profiles of radiomics features, as files in the form of PyRadiomics' parameters."""
