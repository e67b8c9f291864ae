"""Bedside's two front ends, the desktop and the command line, and the place where its parts are joined."""
