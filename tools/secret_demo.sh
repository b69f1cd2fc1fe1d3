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

# A repository with one in its history, gone from the files, and one staged.
cd shop
git() { command git -c user.name=Ann -c user.email=ann@example.org -c init.defaultBranch=main "$@"; }
git init -q .
printf 'mail:\n  password: "%s%s"\n' 'n8Jw' 'Q#4tXz' >mail.yml
git add mail.yml
git commit -q -m 'add mail'
git rm -q mail.yml
git commit -q -m 'take it out again'
printf 'REDIS_URL = "redis://:%s%s@cache.internal.example:6379"\n' 'b6Yh' 'K2mPzD' >cache.py
git add cache.py
echo
echo '$ vedette scan secrets --history'
"$program" scan secrets --history --format table || [ $? -eq 1 ]
echo
echo '$ vedette scan secrets --staged'
"$program" scan secrets --staged --format table || [ $? -eq 1 ]
