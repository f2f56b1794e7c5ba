"""People: who they are, what they may see and do, and what they did (the audit log)."""
