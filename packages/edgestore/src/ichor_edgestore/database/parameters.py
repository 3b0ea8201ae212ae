"""The values of a query that is being built, all sent as text."""

from ichor_core.errors import InvalidInputError

_MAX = 32_767  # the protocol counts them in 16 bits


class Parameters:
    """Values, in the order of their placeholders."""

    def __init__(self) -> None:
        self.values: list[str | None] = []

    def add(self, value: str | None) -> str:
        """Add a value and return its placeholder, to be cast to what it is.

        Raises:
            InvalidInputError: there are too many values for one query.
        """
        if len(self.values) >= _MAX:
            raise InvalidInputError(f"more than {_MAX} values in one query")
        self.values.append(value)
        return f"${len(self.values)}::text"
