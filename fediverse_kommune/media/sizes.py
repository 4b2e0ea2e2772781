"""What a picture may be, and how large its preview is: the child that draws it and the API that announces it agree."""

from math import sqrt

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""What may be uploaded, by its first bytes and not by what the client calls it."""

THUMBNAIL_PIXELS = 230_400  # 640 x 360, Mastodon's size of a preview


def thumbnail_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the preview of a picture: the same shape with at most `THUMBNAIL_PIXELS`."""
    if width * height <= THUMBNAIL_PIXELS:
        return width, height
    scale = sqrt(THUMBNAIL_PIXELS / (width * height))
    return max(1, round(width * scale)), max(1, round(height * scale))
