"""The DMN Technology Compatibility Kit: reading its cases and running them."""
