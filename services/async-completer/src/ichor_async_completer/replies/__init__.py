"""Replies: consuming, checking, completing."""
