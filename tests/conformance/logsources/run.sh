#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Conformance suite: which events the shipped log sources give to a rule. Each rule here stands for a
# log source; its case file holds events that belong to it, and events that do not.
set -euo pipefail
code=0
said=$("$VEDETTE" rules test --strict --rules "$(dirname "$0")") || code=$?
echo "$said"
read -r passed _ failed _ < <(tail -n 1 <<<"$said")
echo "logsources $passed $failed 0"
exit $code
