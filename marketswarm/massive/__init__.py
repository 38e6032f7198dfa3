"""The provider's edge: Massive's REST and WebSocket API, turned into the project's model."""
