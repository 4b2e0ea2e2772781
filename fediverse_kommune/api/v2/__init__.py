"""Version 2 of the methods that have one: routes only."""
