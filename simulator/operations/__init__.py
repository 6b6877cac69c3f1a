"""Operations: what happens at sites and between them, as simpy processes behind a small interface."""

from assay.simulator.operations.kernel import Operation, run

__all__ = ["Operation", "run"]
