"""What is fast, beside its peer in the same run. `python -m benchmarks NAME` runs one, without a name all."""
