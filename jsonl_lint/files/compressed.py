"""Decompress files as streams, in bounded memory, with one clear error if the data is damaged."""

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, Protocol

from jsonl_lint.errors import UnreadableInputError
from jsonl_lint.files.pieces import BUFFER_BYTES, Pieces

FEED_BYTES = 1 << 16
"""What is read at a time."""

LARGEST_WINDOW = 128 << 20
"""How many bytes back compressed data may refer to; all of these have to be held."""

_ZSTD_FEED_BYTES = 512
"""Four bytes of zstd data can become 128 KiB (RFC 8878: a block of one repeated byte), so these become 16 MiB."""


class Compression(NamedTuple):
    """A way to compress: what the names of such files end in, and how their data begins."""

    name: str
    suffix: str
    magic: tuple[bytes, ...]


COMPRESSIONS = (
    Compression("gzip", ".gz", (b"\x1f\x8b",)),
    # A zstd file may begin with frames to be skipped (RFC 8878, section 3.1.2); `pzstd` writes them.
    Compression("zstd", ".zst", (b"\x28\xb5\x2f\xfd", *(bytes([first]) + b"*M\x18" for first in range(0x50, 0x60)))),
    Compression("bzip2", ".bz2", (b"BZh",)),
    Compression("xz", ".xz", (b"\xfd7zXZ\x00",)),
)
LONGEST_MAGIC = 6
SUFFIXES = tuple(compression.suffix for compression in COMPRESSIONS)


def compression_named(path: str) -> str | None:
    """Return how a file of this name is compressed, None if it is not."""
    return next((known.name for known in COMPRESSIONS if path.lower().endswith(known.suffix)), None)


class _Member(Protocol):
    """One of the compressed streams that follow each other in a file, as `bz2` and `lzma` read it."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


class Unpacked(io.BufferedReader):
    """A stream of the decompressed data; closing it closes the compressed file."""

    def __init__(self, packed: BinaryIO, path: str, compression: Compression) -> None:
        begin, errors = _library_of(path, compression)
        self.compression = compression.name
        self.packed = packed
        pieces = _guarded(_unpacked(packed, begin, compression.magic), path, compression.name, errors)
        super().__init__(Pieces(pieces), BUFFER_BYTES)

    def close(self) -> None:
        """Close the compressed file, too."""
        super().close()
        self.packed.close()

    def __del__(self) -> None:
        """Leave the compressed file open: it may be standard input."""


class _OtherDataError(Exception):
    """What follows a member is not another one."""


def _unpacked(packed: BinaryIO, begin: Callable[[], _Member], magic: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield the data of all members, one after the other. Zeros may follow a member.

    Raises:
        EOFError: the data ends inside a member.
        _OtherDataError: something else follows the last one.
    """
    data = packed.read(FEED_BYTES)
    while data:
        member = begin()
        while not member.eof:
            if member.needs_input and not data:
                data = packed.read(FEED_BYTES)
                if not data:
                    raise EOFError
            piece, data = member.decompress(data, BUFFER_BYTES), b""
            yield piece
        data = member.unused_data.lstrip(b"\x00")
        while not data and (more := packed.read(FEED_BYTES)):
            data = more.lstrip(b"\x00")
        if data and not any(known.startswith(data[: len(known)]) for known in magic):
            raise _OtherDataError


def _guarded(pieces: Iterator[bytes], path: str, name: str, errors: tuple[type[Exception], ...]) -> Iterator[bytes]:
    """Yield the pieces, with one kind of error for whatever is wrong with the compressed data."""
    try:
        yield from pieces
    except EOFError:
        raise UnreadableInputError(path, f"cut off: the {name} data ends too early") from None
    except _OtherDataError:
        raise UnreadableInputError(path, f"damaged: behind the {name} data stands something else") from None
    except errors as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UnreadableInputError(path, f"damaged: the {name} data cannot be decompressed ({error})") from None


def _library_of(path: str, compression: Compression) -> tuple[Callable[[], _Member], tuple[type[Exception], ...]]:
    """Return a function that begins a member, and the errors that it raises for damaged data.

    Raises:
        UnreadableInputError: the library is not installed.
    """
    try:
        return _LIBRARIES[compression.name]()
    except ImportError as error:
        name = compression.name
        raise UnreadableInputError(
            path, f"{name}-compressed; to check it needs: {what_it_needs(name, error)}"
        ) from None


def what_it_needs(compression: str, error: ImportError) -> str:
    """Return what to install if the library of a compression cannot be imported."""
    return "pip install 'jsonl-lint[compressed]'" if compression == "zstd" else f"a Python with {error.name}"


def _gzip() -> tuple[Callable[[], _Member], tuple[type[Exception], ...]]:
    from importlib import import_module

    try:  # twice as fast, with the interface of zlib
        library = import_module("isal.isal_zlib")
    except ImportError:
        library = import_module("zlib")
    return lambda: _Gzip(library.decompressobj(wbits=31)), (library.error,)


def _zstd() -> tuple[Callable[[], _Member], tuple[type[Exception], ...]]:
    import zstandard

    library = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
    return lambda: _Zstd(library.decompressobj()), (zstandard.ZstdError,)


def _bzip2() -> tuple[Callable[[], _Member], tuple[type[Exception], ...]]:
    import bz2

    return bz2.BZ2Decompressor, (OSError, ValueError)


def _xz() -> tuple[Callable[[], _Member], tuple[type[Exception], ...]]:
    import lzma

    limit = LARGEST_WINDOW + (1 << 20)
    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limit), (lzma.LZMAError,)


_LIBRARIES = {"gzip": _gzip, "zstd": _zstd, "bzip2": _bzip2, "xz": _xz}


class _Gzip:
    """A member as `zlib` reads it: what it has not taken yet is handed in again."""

    def __init__(self, member: Any) -> None:
        self.member = member

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        piece: bytes = self.member.decompress(self.member.unconsumed_tail + data, max_length)
        return piece

    @property
    def eof(self) -> bool:
        return bool(self.member.eof)

    @property
    def needs_input(self) -> bool:
        return not self.member.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return bytes(self.member.unused_data)


class _Zstd:
    """A frame as `zstandard` reads it. It knows no limit for what comes out, so little is handed in at a time."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame
        self.rest = memoryview(b"")

    def decompress(self, data: bytes, _max_length: int = -1, /) -> bytes:
        self.rest = memoryview(data) if data else self.rest
        part, self.rest = self.rest[:_ZSTD_FEED_BYTES], self.rest[_ZSTD_FEED_BYTES:]
        piece: bytes = self.frame.decompress(part)
        return piece

    @property
    def eof(self) -> bool:
        return bool(self.frame.eof)

    @property
    def needs_input(self) -> bool:
        return not self.rest

    @property
    def unused_data(self) -> bytes:
        return bytes(self.frame.unused_data) + bytes(self.rest)
