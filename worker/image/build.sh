#!/bin/sh
# Builds the images of the docker sandbox and prints the settings that name them by id. Arguments go to `docker build`.
#   worker/image/build.sh                                    both, from the package index that pip knows
#   TARGETS=numpy worker/image/build.sh --build-arg BASE=my/python:3.11
set -eu
folder=$(dirname "$0")
for target in ${TARGETS:-numpy torch}; do
    docker build --target "$target" --tag "grader-sandbox:$target" "$@" "$folder" >&2
    setting=GRADER_SANDBOX_IMAGE
    [ "$target" = torch ] && setting=GRADER_SANDBOX_TORCH_IMAGE
    echo "$setting=$(docker image inspect --format '{{.Id}}' "grader-sandbox:$target")"
done
