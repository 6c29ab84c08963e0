"""Homes with too many calls to compare everything with everything at every question.

What passages have in common, and what topics look like, is learned from a sample of the calls,
which is always the same for the same calls; every passage of every call is then held against that.
What a call gives is kept, so that a new call costs what that call costs.
"""
