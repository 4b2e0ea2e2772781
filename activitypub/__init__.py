"""The protocol and the stored federated graph."""
