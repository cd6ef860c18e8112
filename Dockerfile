# One image for all parts of the gateway: what runs is said by the command (web, worker, scheduler, init, …).
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock ./
RUN python -m venv /opt/gateway \
 && /opt/gateway/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY gateway gateway
COPY channels channels
COPY keys keys
COPY templates templates
RUN /opt/gateway/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore for `gateway backup` and `restore`: of the version that docker-compose.yml runs.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/gateway /opt/gateway
# Volumes take the owner of the folder they are first mounted on.
RUN groupadd --gid 10001 gateway \
 && useradd --uid 10001 --gid gateway --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gateway \
 && install -d -o gateway -g gateway -m 0700 /var/lib/gateway /etc/gateway/keys /etc/mail-tls /var/mail
ENV PATH=/opt/gateway/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 LANG=C.UTF-8
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["gateway"]
CMD ["--help"]
