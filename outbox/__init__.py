"""What leaves: activities are rows in the transaction of the change, then delivered until they arrive."""
