"""How data come in: files through the wizard, folders and mailboxes by the clock, contacts one by one; and who is who."""
