"""Deceptions and their honest twins: differences between what happens, what is said, and what is put on paper."""
