"""How large a preview is. Both the child that draws it and the API that announces it have to know."""

from math import sqrt

THUMBNAIL_PIXELS = 230_400  # 640 x 360, Mastodon's size of a preview


def thumbnail_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the preview of a picture: the same shape with at most `THUMBNAIL_PIXELS`."""
    if width * height <= THUMBNAIL_PIXELS:
        return width, height
    scale = sqrt(THUMBNAIL_PIXELS / (width * height))
    return max(1, round(width * scale)), max(1, round(height * scale))
