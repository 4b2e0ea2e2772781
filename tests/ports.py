"""Ports for programs that must be told theirs."""

import socket


def free_port() -> int:
    """Return a loopback port that nobody listens on now. A program that can choose its own should."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
