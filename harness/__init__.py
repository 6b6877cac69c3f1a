"""How an implementation is tested. Imports profiles, never the simulator."""
