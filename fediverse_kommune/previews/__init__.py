"""Previews of the pages that posts link to: read once, as text and one picture drawn here, and never inlined.

`links` chooses the link of a post, `page` reads what a page says of itself (both pure), `reading` fetches it, and
`services/previews` keeps it.
"""
