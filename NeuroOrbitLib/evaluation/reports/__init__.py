"""What evaluations are written as: aligned text tables and self-contained HTML pages."""
