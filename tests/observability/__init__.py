"""What the services show to whoever operates them."""
