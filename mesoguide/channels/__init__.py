"""Ways in: the web page and the widget, REST, messengers."""
