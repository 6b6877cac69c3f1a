"""Oracles: small, readable deciders of one pattern of deception each, and the self-check that holds them against labels.

``view`` reads what a world publishes, ``truth`` what its simulator wrote down beside it; family modules hold the deciders.
"""
