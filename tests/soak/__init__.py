"""Long runs (`./dev soak`); not part of the suite."""
