"""What makes time provable: keys, signatures, receipts and chains, the same in app and server."""
