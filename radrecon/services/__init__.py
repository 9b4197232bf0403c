"""What runs for long: engine, worker, listeners, feed, relay, clients."""
