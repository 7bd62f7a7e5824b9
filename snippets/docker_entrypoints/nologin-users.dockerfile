# A container with users who have no shell, and an image that has none at all.

# effect: changes
# file: ~/nologin/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends sudo >/dev/null
RUN useradd --create-home --shell /usr/sbin/nologin app && \
    useradd --create-home --shell /bin/false mute && \
    useradd --create-home --shell /bin/bash other
# --8<-- [end:image]

# effect: changes
# file: ~/bare/Dockerfile
# --8<-- [start:bare]
FROM scratch
COPY --from=busybox /bin/busybox /busybox
CMD ["/busybox", "httpd", "-f", "-p", "8080"]
# --8<-- [end:bare]
