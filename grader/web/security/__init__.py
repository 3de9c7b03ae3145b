"""What protects the pages and the API: headers, body limits, CSRF tokens, the session cookie."""
