"""How results are shown: console, HTML, JSON, JUnit. Imports harness.results and profiles."""
