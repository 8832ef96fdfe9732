"""Ways in: the web page, Socket.IO, and later messaging."""
