"""Watching folders and buckets: what comes in there is taken in by itself, once.

Files are only read. What became of each is remembered by the digest of its place
(``remembered``), so that it holds from one start to the next whatever happens in between.
"""
