"""Who will respond to intravenous glucocorticoids, and why: radiomics of the muscles, clinical features."""
