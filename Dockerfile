# One image for web, worker and beat; compose.yaml says which is which.
#   docker build -t deep-learning-quizzes .
# TORCH_INDEX: the address of PyTorch's CPU index keeps 3 GB of CUDA libraries out.
FROM python:3.11-slim-bookworm AS build
ARG TORCH_INDEX=""
WORKDIR /site
RUN apt-get update && apt-get install -y --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt
COPY . .
RUN bash .ci/node npm ci --ignore-scripts --loglevel=error \
    && bash .ci/node node build.mjs \
    && VAR_DIR=/tmp/var SECRET_KEY=build .venv/bin/python manage.py collectstatic \
       --noinput --verbosity 0 \
    && mv /tmp/var/static static-collected \
    && rm -rf /tmp/var quizsite/frontend/node_modules

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /site --shell /usr/sbin/nologin site
WORKDIR /site
COPY --from=build /site /site
# VAR_DIR is the one place written to; SECRET_KEY must be given, the same to every part.
RUN mkdir var && mv static-collected var/static && chown -R site var
USER site
ENV PATH=/site/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
CMD ["gunicorn", "quizsite.wsgi:application", "--bind", "0.0.0.0:8000", \
     "--preload", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket"]
