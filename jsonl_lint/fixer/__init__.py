"""Fixing: edits are chosen, tried, checked again and only then kept. All other bytes stay as they are."""
