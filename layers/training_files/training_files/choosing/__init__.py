"""Which conversations a request means, and which of them can be used."""
