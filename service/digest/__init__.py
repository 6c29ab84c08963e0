"""The weekly digest: hours with customers against the goal, whom to call, what is new; by e-mail or
to a program.
"""
