"""Pages elsewhere, read as text and never inlined: those that posts link to, and those that profiles name.

Of a post: `links` chooses the link, `page` reads what a page says of itself (both pure), `reading` fetches it, and
`services/previews` keeps it. Of a profile: `backlinks` looks for the link back (pure), `verifying` fetches, and
`services/verification` keeps what came of it. `tags` is the scanner of both.
"""
