"""What the protocol says: requirements, the class table of UNTP, pinned artefacts. Imports no other room."""
