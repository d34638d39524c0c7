"""A DuckDB connection with every view on it; the only room that applies ``sql/``.

Must not know how a report is shown.
"""
