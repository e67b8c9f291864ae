"""Measurement of ECG recordings, for research and teaching; no medical device."""
