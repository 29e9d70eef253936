# make image builds the binary before. It is static and needs nothing else: no shell, no
# root certificates, and no writable file system.
FROM scratch

ARG TARGETARCH
COPY build/linux/${TARGETARCH}/license_exporter /license_exporter

LABEL org.opencontainers.image.title="license_exporter" \
      org.opencontainers.image.description="Prometheus exporter for license expiry and compliance" \
      org.opencontainers.image.licenses="Apache-2.0"

USER 65534:65534
EXPOSE 10190
ENTRYPOINT ["/license_exporter"]
