"""Write compressed files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from jsonl_lint.errors import UserError
from jsonl_lint.files.compressed import what_it_needs
from jsonl_lint.files.pieces import BUFFER_BYTES


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class Packed(io.RawIOBase):
    """Compresses what is written into a file, which stays open. `finish` writes the end.

    Raises:
        UserError: the library is not installed; `path` is the file's name in the message.
    """

    def __init__(self, file: BinaryIO, path: str, compression: str) -> None:
        try:
            self.compressor = _COMPRESSORS[compression]()
        except ImportError as error:
            raise UserError(f"{path}: to write {compression} it needs: {what_it_needs(compression, error)}") from None
        self.file = file
        self.held = bytearray()

    def writable(self) -> bool:
        """It is for nothing else."""
        return True

    def write(self, data: Any, /) -> int:
        """Held until there is enough to compress."""
        self.held += data
        if len(self.held) >= BUFFER_BYTES:
            self.file.write(self.compressor.compress(bytes(self.held)))
            self.held.clear()
        return len(data)

    def finish(self) -> None:
        """Write what is still held, and the end of the compressed data."""
        self.file.write(self.compressor.compress(bytes(self.held)))
        self.file.write(self.compressor.flush())
        self.held.clear()


def _gzip() -> _Compressor:
    import zlib

    return zlib.compressobj(wbits=31)  # the header has no name and no time, so equal data are equal files


def _zstd() -> _Compressor:
    import zstandard

    made: _Compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return made


def _bzip2() -> _Compressor:
    import bz2

    return bz2.BZ2Compressor()


def _xz() -> _Compressor:
    import lzma

    return lzma.LZMACompressor()


_COMPRESSORS: dict[str, Callable[[], _Compressor]] = {"gzip": _gzip, "zstd": _zstd, "bzip2": _bzip2, "xz": _xz}
