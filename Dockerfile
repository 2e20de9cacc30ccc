# The image of Plinth: four static programs and the root certificates on an empty file system,
# without a shell, a package manager or root. `docker build --build-arg VERSION=v1.2.3 -t plinth .`
#
#   /server    serves requests (default); also config, healthcheck and version
#   /migrate   migrates the database schema; run it before the server
#   /worker    runs jobs, for a server with JOBS=off
#   /admin     creates administrators
#
# It has no time zone database, because the service uses only UTC.

# The digest pins the image; `make check-release` compares the tag with .go-version.
#
# The build runs on the builder's platform, because cross-compiling is faster than emulation.
FROM --platform=$BUILDPLATFORM golang:1.26.8-alpine@sha256:8ac98ca534ac3f51e1f420a1dd2c15e74c75cfa0f23f3ad27eb5d7236c349a0c AS build
WORKDIR /src
# A module proxy, if the network needs one.
ARG GOPROXY
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X example.com/plinth/internal/app.version=$VERSION" \
      -o /out/ ./cmd/server ./cmd/worker ./cmd/migrate ./cmd/admin

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="plinth" org.opencontainers.image.version="$VERSION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/ /
# A number, because Kubernetes cannot verify that a name is not root. It owns no files, so the programs cannot be replaced.
USER 65532:65532
# The container's network limits access. ENVIRONMENT is unset, so that production rules apply.
ENV HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/server", "healthcheck"]
CMD ["/server"]
