"""A stand-in for the provider that speaks its wire: REST and WebSocket on one port, over a seeded market.

It shares no decoder and no wire type with `marketswarm.massive`: two equal misunderstandings would agree with each other.
"""
