#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Conformance suite: every rule of content/sigma and content/falco against its case file.
set -euo pipefail
code=0
said=$("$VEDETTE" rules test --strict) || code=$?
echo "$said"
read -r passed _ failed _ < <(tail -n 1 <<<"$said")
echo "content $passed $failed 0"
exit $code
