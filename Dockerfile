# The binary is built outside, by `make build`: it is static and needs nothing
# else, neither a shell nor root certificates.
FROM scratch

ARG BINARY=license_exporter
COPY ${BINARY} /license_exporter

LABEL org.opencontainers.image.title="license_exporter" \
      org.opencontainers.image.description="Prometheus exporter for license expiry and compliance" \
      org.opencontainers.image.licenses="Apache-2.0"

USER 65534:65534
EXPOSE 10190
ENTRYPOINT ["/license_exporter"]
