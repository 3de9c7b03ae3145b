#!/bin/sh
# Makes a root file system from this machine's own package mirror, for where no image registry can be reached: a stand-in
# for the images that the Dockerfiles and docker-compose.yml start from (Python 3.11, PostgreSQL and Redis, all Debian's).
#   base_image.sh FILE.tar
set -eu
target=$1
suite=bookworm
mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' | awk -v suite=$suite '$2 == suite {print $1; exit}')
if [ -z "$mirror" ]; then
    echo "base_image.sh: apt knows no mirror for $suite; add one to its sources" >&2
    exit 1
fi
folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT
debootstrap --variant=minbase --include=python3-pip,python3-venv,postgresql,redis-server,bubblewrap,libseccomp2 \
    $suite "$folder/root" "$mirror" >&2
# Images built from this one use the package index as this machine does, and trust the certificates that it trusts.
cp /etc/ssl/certs/ca-certificates.crt "$folder/root/etc/ssl/certs/ca-certificates.crt"
# As in the official Python images, pip may install beside the interpreter.
rm -f "$folder/root"/usr/lib/python3*/EXTERNALLY-MANAGED
rm -rf "$folder/root"/var/cache/apt/archives "$folder/root"/var/lib/apt/lists "$folder/root"/usr/share/doc \
    "$folder/root"/usr/share/locale "$folder/root"/usr/share/man "$folder/root"/var/lib/postgresql/*/main
mkdir -p "$folder/root/var/cache/apt/archives/partial" "$folder/root/var/lib/apt/lists/partial"
mkdir -p "$(dirname "$target")"
tar -C "$folder/root" -cf "$target.part" .
mv "$target.part" "$target"
