"""Matrix: a bridge that runs beside the server, as a process of its own and without Rasa."""
