"""Reports of evaluations: aligned text tables, self-contained HTML pages and PDF."""
