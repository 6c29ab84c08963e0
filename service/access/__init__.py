"""Who may do what: people, their roles, sessions and tokens."""
