"""Estimation of the response to intravenous glucocorticoids, with reasons: radiomics of muscles, clinical features."""
