"""Bodies, parameters, responses and problems of the HTTP interface."""
