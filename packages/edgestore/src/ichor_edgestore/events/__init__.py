"""Events, the rules that they match, and the dispatch queue."""
