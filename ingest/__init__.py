"""Ingest: recordings and transcripts become evidence that can be searched and quoted."""

import os

# onnxruntime tells its maker, from the moment it is imported by whomever, that it is used, when and
# on what machine. Nothing leaves this machine unless its user said so.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
