# The review page in a container:
#   docker build -t hybrid-ner .
#   docker run --rm -p 127.0.0.1:8501:8501 -v hybrid-ner:/reviews hybrid-ner
# Then open http://127.0.0.1:8501. Projects and models are kept in the volume. The page answers under names of
# this machine alone; behind a proxy with HTTPS, give the name it serves (--proxy-name) and sign-in, as a file
# /reviews/.streamlit/secrets.toml with the section [auth]: docs/server.md.
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/hybrid-ner && /opt/hybrid-ner/bin/pip install --no-cache-dir ".[app,train,postgres,auth]"

FROM python:3.11-slim
COPY --from=build /opt/hybrid-ner /opt/hybrid-ner
ENV PATH=/opt/hybrid-ner/bin:$PATH
RUN useradd --create-home --uid 1000 reviewer && mkdir /reviews && chown reviewer /reviews
USER reviewer
WORKDIR /reviews
VOLUME /reviews
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"
CMD ["hybrid-ner", "app", "--workspace", "/reviews", "--host", "0.0.0.0", "--proxy-name", "localhost"]
