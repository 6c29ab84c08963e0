# The page, the API and the workers: one image, told by its command which of them to be.
#   docker build -t firsthand .
ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY prompts prompts
COPY ingest ingest
COPY service service
# With Whisper's program, not its weights: a model comes only when one is asked for.
RUN uv venv /opt/firsthand \
    && uv pip install --no-cache --python /opt/firsthand/bin/python -c constraints.txt '.[whisper]'

FROM python:${PYTHON}
RUN useradd --uid 10001 --home-dir /data --shell /usr/sbin/nologin firsthand \
    && install -d -o firsthand -g firsthand /data
COPY --from=build /opt/firsthand /opt/firsthand
# All that is written lies in /data (and /tmp), so the rest can be read-only.
ENV PATH=/opt/firsthand/bin:$PATH \
    HOME=/data \
    FIRSTHAND_HOME=/data \
    FIRSTHAND_MODELS=/data/models \
    FIRSTHAND_LOG=json \
    FIRSTHAND_HOST=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 8400
# Of a server. Workers say that they live in the database; tell the engine to ask them nothing.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8400/healthz', timeout=4)"]
ENTRYPOINT ["firsthand"]
CMD ["serve"]
