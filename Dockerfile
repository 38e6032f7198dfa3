# One image for every part: the command says which. The first stage builds wheels, the second only installs them.
FROM python:3.13-slim AS wheels
WORKDIR /source
COPY pyproject.toml README.md celeryconfig.py ./
COPY lua/ lua/
COPY marketswarm/ marketswarm/
COPY tasks/ tasks/
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="marketswarm" \
      org.opencontainers.image.description="A real-time options-chain data layer on Celery and Redis" \
      org.opencontainers.image.licenses="MIT"
# The version is the one of the wheel that stage one built.
# hadolint ignore=DL3013
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels marketswarm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin marketswarm \
    && install --directory --owner=marketswarm --group=marketswarm --mode=0700 /var/lib/marketswarm
ENV HOME=/tmp \
    MARKETSWARM_STATE_DIR=/var/lib/marketswarm \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# Celery looks for modules in the working directory, and the settings for `.env`: there are none of either in here.
WORKDIR /var/lib/marketswarm
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 CMD ["marketswarm", "status"]
CMD ["marketswarm", "up"]
