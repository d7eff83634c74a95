"""Versions of the model on disk: trained, promoted when they are good enough, rolled back."""
