"""How an action type is defined: base class, specification, schemas of config and result."""
