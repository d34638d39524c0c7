"""No recording."""
BODY = {"choices": [{"delta": {}}]}
