"""``python -m bench``: every measurement, one after another."""

from __future__ import annotations

from bench import page, sql_marts

if __name__ == "__main__":
    sql_marts.main()
    page.main()
