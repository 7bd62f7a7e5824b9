# Images with a health check.

# effect: changes
# file: ~/web/Dockerfile
# --8<-- [start:image]
FROM busybox
COPY index.html /www/
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
# --8<-- [end:image]

# effect: changes
# file: ~/bare/Dockerfile
# --8<-- [start:shell]
FROM try-web
RUN ["rm", "/bin/sh"]
HEALTHCHECK --interval=1s --start-period=1s --retries=1 \
    CMD wget -q -O /dev/null http://127.0.0.1:8080/
# --8<-- [end:shell]

# effect: changes
# file: ~/bare/Dockerfile
# --8<-- [start:exec]
FROM try-web
RUN ["rm", "/bin/sh"]
HEALTHCHECK --interval=1s --start-period=1s --retries=1 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
# --8<-- [end:exec]
