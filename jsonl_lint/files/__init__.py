"""Files and streams: open, decompress and split them into lines, and write results atomically."""
