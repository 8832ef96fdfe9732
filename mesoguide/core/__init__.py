"""Knowledge, replies and conversation memory. Plain Python: this package never imports Rasa."""
