"""The values that rooms hand to each other: exchanges, frames, chunk columns, observations, rows, and what a table is.

Must not know how anything is read, normalised or stored.
"""
