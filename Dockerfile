# The image of Plinth: three static programs and the root certificates, on an empty file system. There is no shell, no
# package manager and no root in it. `docker build --build-arg VERSION=v1.2.3 -t plinth .`
#
#   /server    answers requests (the default command); config, healthcheck and version are its other commands
#   /migrate   brings the database's schema up to date; run it before the server
#   /admin     creates administrators
#
# Time zones are not in it, because the service speaks UTC only.

# The digest decides which image this is; `make check-release` compares the tag with .go-version.
#
# Built on the builder's own platform, for the target's: Go cross-compiles faster than an emulator runs.
FROM --platform=$BUILDPLATFORM golang:1.26.8-alpine@sha256:8ac98ca534ac3f51e1f420a1dd2c15e74c75cfa0f23f3ad27eb5d7236c349a0c AS build
WORKDIR /src
# A module proxy of your own, if your network needs one.
ARG GOPROXY
COPY . .
ARG TARGETOS TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X example.com/plinth/internal/app.version=$VERSION" \
      -o /out/ ./cmd/server ./cmd/migrate ./cmd/admin

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="plinth" org.opencontainers.image.version="$VERSION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/ /
# A number, because Kubernetes cannot tell whether a name is root. It owns no file, so the programs cannot be replaced.
USER 65532:65532
# The container's network is the border here. ENVIRONMENT is left out: without it, the strict rules of production apply.
ENV HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/server", "healthcheck"]
CMD ["/server"]
