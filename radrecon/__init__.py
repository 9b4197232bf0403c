"""radrecon: reconciliation and worklist management for radiology."""

__version__ = "0.1.0"
