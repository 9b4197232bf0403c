"""A simulated hospital over real sockets."""
