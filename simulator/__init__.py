"""What happens in a synthetic supply chain, and what is said about it. Imports profiles, never the harness."""
