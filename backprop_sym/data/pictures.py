"""Small grey pictures in a row, for a notebook.

    contact_sheet(pictures, title, names)       HTML: an image with an alternative text
    png(grey)                                   the bytes of a grey picture
"""
import base64
import html
import struct
import zlib

import numpy as np

SHOWN = 80              # pixels of the page for each picture, however many it has itself
MOST = 12               # pictures in a row


def contact_sheet(pictures, title, names):
    """The first pictures side by side, the largest number black, as HTML; the alternative text is the title and the names.

    ``pictures`` has the shape (pictures, height, width).
    """
    pictures, names = np.asarray(pictures, float)[:MOST], names[:MOST]
    low, high = pictures.min(), pictures.max()
    grey = 255 - np.round(255*(pictures - low)/((high - low) or 1))
    margin = np.pad(grey, ((0, 0), (0, 0), (1, 1)), constant_values=255)
    source = base64.b64encode(png(np.hstack(list(margin)))).decode("ascii")
    return (f'<img alt="{html.escape(title + ", ".join(names))}" width="{SHOWN*len(names)}" '
            f'style="max-width:100%; image-rendering:pixelated" src="data:image/png;base64,{source}">')


def png(grey):
    """A grey picture, numbers from 0 to 255 of shape (height, width), as PNG.

    It is stored as it is, not compressed, so that every version of the library that compresses gives the same bytes.
    """
    rows = np.pad(np.asarray(grey).astype(np.uint8), ((0, 0), (1, 0)))         # before each row the number of its filter: none
    height, width = np.shape(grey)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(rows.tobytes(), 0), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks.items())


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
