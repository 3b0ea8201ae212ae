"""Interpreter 1: every module that decides which commands a history of version 1 holds."""
