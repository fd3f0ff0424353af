"""The report of a scan on one page, HTML and PDF: pictures, measures, findings as sentences, provenance."""
