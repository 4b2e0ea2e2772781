"""OAuth 2 for apps: register, authorize, exchange, revoke. RFC 6749, RFC 7636 (PKCE), RFC 7009, RFC 9700.

https://docs.joinmastodon.org/spec/oauth/
"""
