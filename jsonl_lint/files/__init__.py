"""The files and streams that data come from and go to: opened, unpacked, taken apart into lines, written whole."""
