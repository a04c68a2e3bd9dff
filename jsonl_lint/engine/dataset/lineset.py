"""A set of line numbers."""


class LineSet:
    """A set of lines, counted from 0, that takes one bit for each line of the file."""

    def __init__(self) -> None:
        self.bits = bytearray()
        self.size = 0

    def __len__(self) -> int:
        return self.size

    def __contains__(self, line: int) -> bool:
        place = line >> 3
        return place < len(self.bits) and bool(self.bits[place] >> (line & 7) & 1)

    def add(self, line: int) -> None:
        """Add a line."""
        if line in self:
            return
        place = line >> 3
        if place >= len(self.bits):
            self.bits.extend(bytes(place + 1 - len(self.bits)))
        self.bits[place] |= 1 << (line & 7)
        self.size += 1
