"""The gateway: REST, the event stream and the page, over HTTP."""
