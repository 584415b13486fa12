# The Agent's image. Both bases are arguments: one to build in, with a shell and npm, and one to run in, which needs only
# Node 20.19, 22 or 24 and glibc. A base without a shell will do:
#   --build-arg BASE_IMAGE=gcr.io/distroless/nodejs22-debian12 --build-arg NODE_BINARY=/nodejs/bin/node
ARG BUILD_IMAGE=node:22-bookworm-slim
ARG BASE_IMAGE=node:22-bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY web web
RUN npm run build && npm prune --omit=dev --offline --no-audit --no-fund
COPY LICENSE ./
COPY statecharts statecharts
COPY deploy deploy
# Where node lies in BASE_IMAGE: the program names it itself, for there may be neither a PATH to it nor an env.
ARG NODE_BINARY=/usr/local/bin/node
RUN node deploy/image/assemble.mjs /image ${NODE_BINARY}

FROM ${BASE_IMAGE}
COPY --from=build /image/root /
# The Agent's own directories, empty: a volume takes its owner from where it is mounted first. No VOLUME: a Runtime of
# this image would get one as well, and a Runtime keeps nothing.
COPY --from=build --chown=1000:1000 /image/state /var/lib
COPY --from=build --chown=1000:1000 /image/run /run
ENV NODE_ENV=production \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    RESULTITY_DATA_DIR=/var/lib/resultity \
    RESULTITY_RUNTIME_DRIVER=container \
    RESULTITY_CONSOLE_ADDRESS=0.0.0.0
# No EXPOSE: it would let -P publish the console on every address of the host, and it is not encrypted.
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["resultity-node", "healthcheck"]
ENTRYPOINT ["resultity-node"]
CMD ["start"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Resultity Node" \
      org.opencontainers.image.description="Serves language-model inference for the Resultity network" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
