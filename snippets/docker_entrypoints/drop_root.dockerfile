# An image whose entrypoint gives up root, and what the page tries the other ways with.

# effect: changes
# file: ~/drop/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
RUN useradd --system --user-group --create-home app
COPY entrypoint.sh app /usr/local/bin/
ENTRYPOINT ["entrypoint.sh"]
CMD ["app"]
# --8<-- [end:image]

# effect: changes
# file: ~/ways/Dockerfile
# --8<-- [start:ways]
FROM try-drop AS debian
RUN apt-get -qq update && \
    apt-get -qq install -y --no-install-recommends gosu sudo >/dev/null
ENTRYPOINT []

FROM busybox
RUN chmod 755 /bin && echo app:x:999:999::/home/app:/bin/sh >/etc/passwd && \
    echo app:x:999: >/etc/group
COPY --from=debian /usr/local/bin/app /bin/
# --8<-- [end:ways]

# effect: changes
# file: ~/ids/Dockerfile
# --8<-- [start:ids]
FROM try-drop
COPY entrypoint.sh /usr/local/bin/
# --8<-- [end:ids]
