"""What programs send and ask: contacts, customers, answers, outcomes, and what was seen."""
