#!/usr/bin/env bash
# Reads what it was configured with, at the paths of the platform.
cat "$1"
cat /home/vcap/app/file
mkdir /tmp/agent && echo "has a /tmp of its own"
exec sleep 1000
