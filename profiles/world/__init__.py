"""What a consistent world of battery minerals looks like from outside: the profile that ``assay world check`` judges by."""
