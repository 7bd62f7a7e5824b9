# The images of the page on waiting: one with wget, one with bash.

# effect: changes
# file: ~/wait/Dockerfile
# --8<-- [start:image]
FROM busybox
COPY entrypoint.sh app /
ENTRYPOINT ["/entrypoint.sh"]
CMD ["/app"]
# --8<-- [end:image]

# effect: changes
# file: ~/wait/debian.dockerfile
# --8<-- [start:debian-image]
FROM debian:12-slim
COPY with-bash.sh http-ok app /
ENTRYPOINT ["/with-bash.sh"]
CMD ["/app"]
# --8<-- [end:debian-image]
