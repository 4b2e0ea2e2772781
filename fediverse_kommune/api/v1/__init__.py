"""Version 1 of the methods: routes only, one file per page of https://docs.joinmastodon.org/methods/"""
