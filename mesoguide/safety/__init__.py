"""The safety gate: signs of danger in a message, told apart from harmless mentions. No Rasa."""
