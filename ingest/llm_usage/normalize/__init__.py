"""One request row from what a dialect observed and a recorder timed: usage, timing, dates, attempts, labels. Pure.

Must not know files, SQL or the lake.
"""
