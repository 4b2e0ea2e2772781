"""What the client API can be asked, for programs and for people: made from the routes, not written beside them."""
