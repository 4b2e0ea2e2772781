"""What is lost when things break? `make faults` breaks them on purpose and counts.

Every experiment keeps what it was promised outside the server, in a ledger, and holds the server to it afterwards.
It touches only processes that it started, by their ids, and is bounded in time and count.
"""
