"""Requirements on the bytes themselves, before anything that they say is looked at."""
