"""Effects of actions on declared tables, each once, and conditions as SQL."""
