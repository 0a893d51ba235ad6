"""From readings to meaning: what each machine did, in whose time, on which job, and why it stood."""
