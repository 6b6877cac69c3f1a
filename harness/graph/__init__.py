"""Credentials as a graph: relational tables, rules in SQL, and the map of the supply chain."""

from assay.harness.graph.chain import chain
from assay.harness.graph.judge import judge_graph

__all__ = ["chain", "judge_graph"]
