"""The price dimension: the bundled list, users' own prices, and which of them a request meets.

Must not know requests one by one, nor how a report looks.
"""
