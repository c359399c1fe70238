"""Station 1: what hands do, as counts, and what the screen shows, as pictures."""
