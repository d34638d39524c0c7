"""From recordings to committed rows: discover, read, workers, batches, runs, rebuild.

Must not know SQL, reports or the command line.
"""
