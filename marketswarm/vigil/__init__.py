"""Vigil: turns spots and chains into levels and events. Its thinking is pure; `watch.py` and `redis_vigil.py` touch the world."""
