#!/usr/bin/env bash
# Asks the sidecar what it decides.
curl -s -d '{"input": {"user": "ada"}}' "$POLICY_URL/v1/data/documents/allow"
echo " for ada"
exec sleep infinity
