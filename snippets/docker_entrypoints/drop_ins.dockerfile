# An image whose entrypoint runs hooks.

# effect: changes
# file: ~/app/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
COPY app entrypoint.sh /usr/local/bin/
COPY hooks /docker-entrypoint.d/
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD ["app"]
# --8<-- [end:image]
