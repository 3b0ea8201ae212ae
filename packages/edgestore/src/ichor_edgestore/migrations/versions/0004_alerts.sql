-- What people look for among alerts: those of a rule, and those for somebody.

CREATE INDEX alerts_of_rule ON workflow.alerts (rule_id, created_at DESC, id DESC);
CREATE INDEX alerts_for_recipient ON workflow.alerts USING gin (recipients);
