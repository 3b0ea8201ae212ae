"""The wire format between services: names, structs that travel, storage protocols."""
