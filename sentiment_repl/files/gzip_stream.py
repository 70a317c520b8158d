"""Unpacks gzip as it is read. Bytes after the packed data are ignored, as ``gzip`` does."""

import io
import zlib

_CHUNK = 1 << 16  # bytes
MAGIC = b"\x1f\x8b"
_GZIP = zlib.MAX_WBITS | 16  # the number by which zlib calls the format


class GzipStream(io.RawIOBase):
    """The unpacked bytes of a gzip file of one or more members.

    Reading raises ``zlib.error`` if the packed data is damaged, and ``EOFError`` if it is cut
    off.
    """

    has_more = False
    """Whether other bytes were found after the packed data."""

    def __init__(self, packed: io.BufferedReader) -> None:
        self._packed = packed
        self._waiting = b""  # packed bytes that were read
        self._member = zlib.decompressobj(_GZIP)
        self._ended = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Read up to as many bytes as fit; return how many, 0 at the end."""
        unpacked = b""
        while not unpacked and not self._ended:
            packed = self._waiting or self._packed.read(_CHUNK) or b""
            unpacked = self._member.decompress(packed, len(buffer))
            self._waiting = self._member.unconsumed_tail
            if self._member.eof:
                self._begin_member()
            elif not packed and not unpacked:
                raise EOFError
        buffer[: len(unpacked)] = unpacked
        return len(unpacked)

    def _begin_member(self) -> None:
        """Look for another member after this one and zeros. What is none ends the file."""
        rest = self._member.unused_data.lstrip(b"\0")
        while len(rest) < len(MAGIC) and (more := self._packed.read(_CHUNK)):
            rest = (rest + more).lstrip(b"\0")
        if rest.startswith(MAGIC):
            self._waiting = rest
            self._member = zlib.decompressobj(_GZIP)
        else:
            self._ended = True
            self.has_more = bool(rest)
