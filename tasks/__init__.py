"""The Celery tasks, one file a stage. Each is one sentence and one call; what is decided is decided elsewhere.

From a Python shell::

    from tasks.chain import reload_chain
    reload_chain.delay("SPX").get(timeout=60)
"""
