"""The Mastodon client API and nothing else. https://docs.joinmastodon.org/client/intro/"""
