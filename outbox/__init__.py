"""What leaves: activities are rows in the transaction of the change, and are then delivered until they arrive."""
