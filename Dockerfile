# Not yet built by the maintainers' checks: no container engine runs there.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /salesbot ./cmd/salesbot

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /salesbot /salesbot
USER nonroot:nonroot
ENTRYPOINT ["/salesbot"]
CMD ["serve"]
