"""A memo as people edit it: one text in a small Markdown, every citation a place in a call.

    Dispatchers lose a morning to re-keying. [^LC-001:14]

The words of a quote are never taken from the text: a citation names an utterance, and what stands
there now is shown. Which sentences are about customers and bear no evidence is decided by code.
"""
