"""How data come in: files by the wizard, folders and mailboxes by the clock, contacts one by one; and who is who."""
