"""What apps are told the moment it happens: from the commit of a unit of work to every open stream, in every process.

A unit publishes small signals (`signals`), the `carrier` brings them to each process once they are committed, and the
`hub` asks who of those that listen may see it and hands it to their connections.
"""
