"""Rasa's custom actions, one thin module per kind of reply.

Tracker -> mesoguide.core -> dispatcher: no wording, no medical text, no I/O of their own.
"""
