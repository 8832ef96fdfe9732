"""Rasa graph components: sentence encoder, topic classifier, entities, safety gate."""
