"""The virtual plant's MTConnect agent: version 2.3 over HTTP, by the standard library alone."""
