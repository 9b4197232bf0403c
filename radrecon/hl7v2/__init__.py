"""text ↔ model, pure: MLLP framing, lazy reader, ADT, orders, reports, ACK, building."""
