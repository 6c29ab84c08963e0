"""Webhooks: other programs are told what happened here, signed, tried again, and able to replay."""
