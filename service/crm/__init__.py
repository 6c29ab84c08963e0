"""Accounts out of a CRM's exports: columns mapped, accounts matched, the difference shown first."""
