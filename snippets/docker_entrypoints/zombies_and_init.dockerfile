# An image that brings tini, and one with what the page compares it to.

# effect: changes
# file: ~/app/Dockerfile
# --8<-- [start:image]
FROM debian:12-slim
RUN apt-get update -qq && apt-get install -qq --no-install-recommends tini >/dev/null
COPY entrypoint.sh /
ENTRYPOINT ["tini", "--", "/entrypoint.sh"]
CMD ["tail", "-f", "/dev/null"]
# --8<-- [end:image]

# effect: changes
# file: ~/inits/Dockerfile
# --8<-- [start:inits]
FROM try-tini
RUN apt-get install -qq --no-install-recommends dumb-init >/dev/null
COPY orphans closing /
ENTRYPOINT []
# --8<-- [end:inits]
