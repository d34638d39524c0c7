"""Bytes to bytes or to plain values, without meaning: content codings, chunked bodies, HTTP/1 messages, YAML, JSON, tnetstrings.

Must not know recordings, nor what the values stand for.
"""
