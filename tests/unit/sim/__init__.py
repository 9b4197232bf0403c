"""The simulated hospital's parts, each by itself."""
