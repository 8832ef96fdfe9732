"""mesoguide: answers about stage 4 mesothelioma made only of checked sentences."""

__version__ = "0.1.0"
