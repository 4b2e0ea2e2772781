"""What arrives: an activity is authenticated, authorised, stored, and then, later, takes effect."""
