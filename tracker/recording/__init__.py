"""Station 2: counts become minutes and minutes a segment; pure, time is an argument."""
