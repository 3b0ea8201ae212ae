"""What somebody has who takes the packages as wheels, outside this workspace."""
