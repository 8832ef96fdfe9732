"""mesoguide: answers about stage 4 mesothelioma made only of checked sentences."""

import os

# OpenBLAS lets its other threads wait by spinning: beside the sentence encoder they took a whole
# core (13 s of 31 s of processor time for 300 messages) and made nothing faster.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
