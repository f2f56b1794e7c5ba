"""Moments of truth on screen: the register, evidence sheets, what was tried, and what people decide about each."""
