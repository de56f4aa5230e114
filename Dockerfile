# One image for web, worker and beat, and one for the sandbox that submissions run in;
# compose.yaml says which is which.
#   docker build -t deep-learning-quizzes .
#   docker build -t deep-learning-quizzes-sandbox --target sandbox .
# TORCH_INDEX: the address of PyTorch's CPU index keeps 3 GB of CUDA libraries out; the
# sandbox for a GPU is built without it, and told of its device by compose.yaml.
# BASE: a Debian with Python 3.11 and its venv.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE} AS libraries
ARG TORCH_INDEX=""
WORKDIR /site
COPY requirements.txt ./
RUN python3.11 -m venv .venv && .venv/bin/pip install --no-cache-dir \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt

# The interpreter, what torch links to, the runner's code: no shell, no site, no exercise.
FROM libraries AS sandbox-root
COPY exercises/__init__.py exercises/
COPY graders graders
RUN .venv/bin/python -m graders.sandbox.rootfs /sandbox

FROM scratch AS sandbox
COPY --from=sandbox-root /sandbox /
ENV LANG=C.UTF-8 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
    NUMEXPR_NUM_THREADS=1 MALLOC_ARENA_MAX=1 CUDA_VISIBLE_DEVICES= \
    TORCHINDUCTOR_CACHE_DIR=/tmp
USER 64321:64321
CMD ["/python", "-I", "-S", "-B", "-c", "import sys; sys.path[:0] = ['/site', '/grader']; \
from runner.listen import main; main('/run/sandbox')"]

FROM libraries AS build
COPY . .
RUN bash .ci/node npm ci --ignore-scripts --loglevel=error \
    && bash .ci/node node build.mjs \
    && VAR_DIR=/tmp/var SECRET_KEY=build .venv/bin/python manage.py collectstatic \
       --noinput --verbosity 0 \
    && mv /tmp/var/static static-collected \
    && rm -rf /tmp/var quizsite/frontend/node_modules

FROM ${BASE}
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
