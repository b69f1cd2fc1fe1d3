#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# secret_demo.sh PROGRAM: plants made-up credentials in a scratch folder and in an archive there, and scans it.
set -euo pipefail
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
half=vT2mXpL9
mkdir -p shop/deploy
# In two halves, so that no scanner takes this script for a leak.
cat >shop/settings.py <<END
import os
DATABASE = "postgres://shop:Wq7${half}@db.internal.example:5432/shop"
DEBUG_PASSWORD = os.environ["DEBUG_PASSWORD"]
END
printf 'SMTP_PASSWORD=%s%s\nSMTP_HOST=mail.example\nAPI_TOKEN=${API_TOKEN}\n' 'k4Rz' '!9qLw2Vt' >shop/deploy/.env
tar -C shop -czf shop/backup.tar.gz deploy
rm -r shop/deploy
"$program" scan secrets --format table shop || [ $? -eq 1 ]
