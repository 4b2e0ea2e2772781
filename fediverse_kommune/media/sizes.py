"""What a picture may be and how large it is shown: the child that draws it and the API that announces it agree."""

from enum import StrEnum
from math import sqrt

SHOWN_PIXELS = 8_294_400  # 3840 x 2160, Mastodon's size of a picture
THUMBNAIL_PIXELS = 230_400  # 640 x 360, Mastodon's size of a preview


class Purpose(StrEnum):
    """What a picture is for."""

    ATTACHMENT = "attachment"
    AVATAR = "avatar"
    HEADER = "header"
    THUMBNAIL = "thumbnail"
    EMOJI = "emoji"


EMOJI_PIXELS = 65_536  # 256 x 256

SHOWN = {Purpose.AVATAR: (400, 400), Purpose.HEADER: (1500, 500)}
"""To what shape faces and banners are cut; Mastodon's."""


def shown_size(width: int, height: int, purpose: Purpose = Purpose.ATTACHMENT) -> tuple[int, int]:
    """Return width and height of a picture as it is kept: the same shape with at most so many pixels."""
    pixels = {Purpose.THUMBNAIL: THUMBNAIL_PIXELS, Purpose.EMOJI: EMOJI_PIXELS}
    return _within(width, height, pixels.get(purpose, SHOWN_PIXELS))


def thumbnail_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the preview of a picture: the same shape with at most `THUMBNAIL_PIXELS`."""
    return _within(width, height, THUMBNAIL_PIXELS)


def _within(width: int, height: int, pixels: int) -> tuple[int, int]:
    if width * height <= pixels:
        return width, height
    scale = sqrt(pixels / (width * height))
    return max(1, round(width * scale)), max(1, round(height * scale))
