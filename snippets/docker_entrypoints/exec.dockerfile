# The smallest right image, and every form of CMD and ENTRYPOINT that the page measures.

# effect: changes
# file: ~/app/Dockerfile
# --8<-- [start:image]
FROM busybox
COPY entrypoint.sh app /
ENTRYPOINT ["/entrypoint.sh"]
CMD ["/app"]
# --8<-- [end:image]

# effect: changes
# file: ~/forms/Dockerfile
# --8<-- [start:forms]
# sh is busybox's ash here
FROM busybox AS ash
COPY app entrypoint.sh no-exec.sh /

# sh is dash here
FROM debian:12-slim AS dash
COPY app entrypoint.sh no-exec.sh /

FROM ash AS cmd-exec-form
CMD ["/app"]

FROM ash AS cmd-no-handler
CMD ["tail", "-f", "/app"]

FROM ash AS cmd-shell-form-ash
CMD /app

FROM ash AS cmd-shell-form-ash-2
CMD /app; echo "ended with $?"

FROM dash AS cmd-shell-form-dash
CMD /app

FROM dash AS cmd-shell-form-exec
CMD exec /app

FROM dash AS entrypoint-shell-form
ENTRYPOINT /app

FROM dash AS script-exec
ENTRYPOINT ["/entrypoint.sh"]
CMD ["/app"]

FROM dash AS script-exec-shell-form
ENTRYPOINT ["/entrypoint.sh"]
CMD /app

FROM dash AS script-no-exec
ENTRYPOINT ["/no-exec.sh"]
CMD ["/app"]
# --8<-- [end:forms]

# effect: changes
# file: ~/slow/Dockerfile
# --8<-- [start:slow-image]
FROM busybox
COPY entrypoint.sh app /
ENTRYPOINT ["/entrypoint.sh"]
CMD ["/app"]
# --8<-- [end:slow-image]

# effect: changes
# file: ~/wrapped/Dockerfile
# --8<-- [start:wrapped-image]
FROM debian:12-slim
COPY entrypoint.sh app /
ENTRYPOINT ["/entrypoint.sh"]
CMD /app
# --8<-- [end:wrapped-image]
