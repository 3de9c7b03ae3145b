# The service: API, pages and worker, started with `serve` or `worker` (docker-compose.yml). Students' code runs in
# bubblewrap inside the worker's container, so this image holds the packages that they may import, too.
#   docker build -t grader --target service .
#   docker build -t grader --target service --build-arg TORCH= .    for courses whose exercises never ask for torch
# CPU-only torch, or packages from a store of your own: --build-arg PIP_EXTRA_INDEX_URL=…, read by pip itself.
# The stages stand in the order in which they are needed: Docker without BuildKit builds every stage before its target.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS packages
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
# The version that the Makefile pins; empty: none.
ARG TORCH=2.13.0
# Pinned for tests and lint; a service has no use for them.
ARG LEFT_OUT="axe-playwright-python|defusedxml|fpdf2|grimp|hypothesis|import-linter|playwright|pytest|pytest-timeout|pytest-xdist|execnet|ruff"
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/grader
COPY requirements.lock /
RUN grep -v -E "^($LEFT_OUT)==" /requirements.lock > /service.lock \
    && /opt/grader/bin/pip install --requirement /service.lock \
    && if [ -n "$TORCH" ]; then /opt/grader/bin/pip install "torch==$TORCH" --constraint /service.lock; fi

FROM ${BASE} AS service
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/grader --create-home grader
COPY --from=packages /opt/grader /opt/grader
COPY . /srv/grader
WORKDIR /srv/grader
ENV PATH=/opt/grader/bin:$PATH \
    PYTHONPATH=/srv/grader \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GRADER_DATA_DIR=/var/lib/grader \
    GRADER_HOST=0.0.0.0
VOLUME /var/lib/grader
USER grader
EXPOSE 8000
ENTRYPOINT ["python", "-m", "grader.cli"]
CMD ["serve"]

# A GPU worker starts its sandboxes with an engine of its own (docs/operating.md).
FROM service AS gpu-worker
USER root
RUN apt-get update && apt-get install --yes --no-install-recommends docker.io && rm -rf /var/lib/apt/lists/*
USER grader
CMD ["worker"]
