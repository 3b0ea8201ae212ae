"""Names in reach at a place in the text, and where their values are while it is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Names:
    """Names with the slots of their values."""

    slots: dict[str, int]
    partial: int | None = None
    """Slot of the results of a loop so far, a list that still grows."""


@dataclass(frozen=True, slots=True)
class Item:
    """The item under a filter: the entries it has are names; which ones, only its value tells."""

    slot: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where to look for a name: in these items first, then in the slot, or else in the input."""

    items: tuple[int, ...]
    slot: int | None
    growing: bool = False


@dataclass(slots=True)
class Scope:
    """Layers of names, the innermost last."""

    layers: list[Names | Item] = field(default_factory=list[Names | Item])
    size: int = 1
    """Slots used so far; that of the runtime is 0."""

    def new_slot(self) -> int:
        """A slot of its own."""
        self.size += 1
        return self.size - 1

    def resolve(self, name: str) -> Resolution:
        """Where a name's value is."""
        items: list[int] = []
        for layer in reversed(self.layers):
            if isinstance(layer, Item):
                items.append(layer.slot)
                if name == "item":
                    return Resolution(tuple(items), layer.slot)
            elif name in layer.slots:
                slot = layer.slots[name]
                return Resolution(tuple(items), slot, growing=slot == layer.partial)
        return Resolution(tuple(items), None)
