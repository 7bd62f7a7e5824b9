# The image of the complete entrypoint.

# effect: changes
# file: ~/app/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
RUN useradd --system --uid 900 --create-home app &&\
    install -d -o app -g app /var/lib/app && install -d -m 1777 /run/app
COPY app entrypoint.sh /usr/local/bin/
COPY hooks /docker-entrypoint.d/
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD ["app"]
# --8<-- [end:image]
