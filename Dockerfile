# The Agent's image. The base is an argument: any image with Node 20.19, 22 or 24 and glibc.
ARG BASE_IMAGE=node:22-bookworm-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Resultity Node" \
      org.opencontainers.image.description="Serves language-model inference for the Resultity network" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/resultity-node
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
ENV NODE_ENV=production \
    RESULTITY_DATA_DIR=/var/lib/resultity
RUN mkdir -p /var/lib/resultity && chown 1000:1000 /var/lib/resultity && chmod 700 /var/lib/resultity
VOLUME /var/lib/resultity
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "/opt/resultity-node/dist/cli/main.js", "status", "--json"]
ENTRYPOINT ["node", "/opt/resultity-node/dist/cli/main.js"]
CMD ["start"]
