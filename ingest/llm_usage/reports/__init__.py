"""What is asked of the lake by name: reports, the account of one request, two sets compared, the list of what can be read.

Must not know files, terminals or pages.
"""
