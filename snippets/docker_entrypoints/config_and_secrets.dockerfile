# The image of the page on configuration and secrets.

# effect: changes
# file: ~/app/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
COPY entrypoint.sh /
ENTRYPOINT ["/entrypoint.sh"]
CMD ["cat", "/run/app.conf"]
# --8<-- [end:image]
