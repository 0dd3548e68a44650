# Images for amd64 and arm64, on the official images of PostgreSQL. In the project's directory, with an engine that has buildx:
#
#   REGISTRY=registry.example.com/ docker buildx bake -f docker/docker-bake.hcl --push
#
# One version: docker buildx bake -f docker/docker-bake.hcl pg_net-17.
variable "REGISTRY" {
  default = ""
}

variable "VERSION" {
  default = "dev"
}

variable "REVISION" {
  default = ""
}

group "default" {
  targets = ["pg_net"]
}

target "pg_net" {
  name       = "pg_net-${major}"
  matrix     = { major = ["15", "16", "17", "18"] }
  context    = "."
  dockerfile = "docker/Dockerfile"
  platforms  = ["linux/amd64", "linux/arm64"]
  args = {
    PG_MAJOR = major
    VERSION  = VERSION
    REVISION = REVISION
  }
  tags = ["${REGISTRY}pg_net:${major}", "${REGISTRY}pg_net:${VERSION}-pg${major}"]
  # What is in each image, and how it was built.
  attest = ["type=sbom", "type=provenance,mode=max"]
}
