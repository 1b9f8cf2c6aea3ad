"""Settings, urls and wsgi: the one place that knows every room."""
