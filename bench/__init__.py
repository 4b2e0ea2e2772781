"""How fast is it? `make bench` measures a server on this machine beside the bare ceiling of the same loop.

Every figure is taken from outside, in the same run as its ceiling, so that what a machine can do cancels out and
the ratio is what counts. Load goes to loopback only and is bounded in count.
"""
