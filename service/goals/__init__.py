"""First-hand hours of each person of ours, by week, against a goal: from calls and calendars."""
