"""One attempt to run an action, with its ids, keys, context and logger."""

import logging
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ichor_core.contract import EffectKey
from ichor_core.expressions import MergedContext, context_lookup
from ichor_core.ids import ActionId, ExecutionId, RuleId

_logger = logging.getLogger("ichor_actions.attempt")


class ActionAttempt(Struct, frozen=True, kw_only=True):
    """One attempt to run one action of one execution."""

    execution_id: ExecutionId
    rule_id: RuleId
    action_id: ActionId
    action_name: str
    action_type: str
    number: int = 1
    """From 1; another attempt has the same keys."""
    visit: int = 0
    context: MergedContext = field(default_factory=MergedContext)
    """The trigger fields and results that the config references, and no more."""
    written: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The config as written, its templates unresolved."""

    @property
    def effect_key(self) -> EffectKey:
        """The idempotency key of the effect of this action, the same in every attempt."""
        return EffectKey(self.execution_id, self.action_id, self.visit)

    @property
    def idempotency_key(self) -> str:
        """The effect key as text, for other systems to recognise a repeated call."""
        return str(self.effect_key)

    def lookup(self, path: str) -> Any:
        """Return the value of a reference without braces; None where it finds nothing.

        Raises:
            TemplateError: the text is not a reference.
        """
        return context_lookup(self.context)(path)

    @property
    def logger(self) -> "logging.LoggerAdapter[logging.Logger]":
        """A logger whose records hold the ids of execution and action."""
        return logging.LoggerAdapter(
            _logger,
            {
                "execution_id": self.execution_id,
                "rule_id": self.rule_id,
                "action_id": self.action_id,
                "action_name": self.action_name,
                "action_type": self.action_type,
                "attempt": self.number,
            },
        )
