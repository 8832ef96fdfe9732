"""Rasa's custom actions: tracker -> mesoguide.core -> dispatcher, one thin module per kind of reply."""
