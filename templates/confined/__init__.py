"""A process of its own for files that others made: little memory, little time, nothing to open, nobody to call.

What reads PDF trusts the file in places it should not, in Python and more so in C. So none of it runs beside the keys:
the parent sends a task and bytes, the child answers with bytes or a refusal, and whatever becomes of the child, the
parent goes on (docs/adr/0017).
"""
