"""The app: this municipality's people. The only package that knows all others."""
