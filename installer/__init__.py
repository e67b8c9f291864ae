"""The set-up: system packages, virtual environment, default models. Standard library only."""
