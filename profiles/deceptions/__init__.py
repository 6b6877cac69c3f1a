"""The handbook of deceptions and honest look-alikes: what is known of each pattern, read from YAML."""
