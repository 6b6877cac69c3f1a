"""Issuance: claims become documents, documents become signed tokens, and all of it becomes findable."""
