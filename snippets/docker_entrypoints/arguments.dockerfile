# Images whose entrypoint takes options, defaults and other commands.

# effect: changes
# file: ~/app/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
COPY app entrypoint.sh /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD ["app"]
# --8<-- [end:image]

# effect: changes
# file: ~/quotes/Dockerfile
# --8<-- [start:quotes-make]
FROM app
CMD ['app']
# --8<-- [end:quotes-make]

# effect: changes
# file: ~/quotes/Dockerfile
# --8<-- [start:quotes-cure]
FROM app
CMD ["app"]
# --8<-- [end:quotes-cure]

# effect: changes
# file: ~/silent/Dockerfile
# --8<-- [start:silent-make]
FROM app
ENTRYPOINT ["/bin/sh", "/usr/local/bin/entrypoint.sh"]
# --8<-- [end:silent-make]

# effect: changes
# file: ~/silent/Dockerfile
# --8<-- [start:silent-cure]
FROM app
ENTRYPOINT ["/bin/sh", "/usr/local/bin/entrypoint.sh"]
CMD ["app"]
# --8<-- [end:silent-cure]
