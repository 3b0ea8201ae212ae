"""The graph model, marking, templates and conditions of Ichor; pure, without I/O."""
