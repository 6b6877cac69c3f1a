"""What rooms agree on without importing each other: the chain map, the graph tables, the dataset layout."""
