# SPDX-License-Identifier: Apache-2.0
# Make: `vedette ci` as a target, to include. docs/ci-templates.md says how to use it.
# The recipe takes the settings from the environment; make never expands their values, so that
# nothing in them, such as the name of a branch, is run.
VEDETTE ?= vedette
VEDETTE_VERSION ?=
VEDETTE_DATABASE ?=
VEDETTE_BASE ?=
VEDETTE_IMAGES ?=
VEDETTE_BUDGET ?=
VEDETTE_ARGUMENTS ?=
VEDETTE_INCOMPLETE ?= fail
VEDETTE_COMMENT ?=
VEDETTE_CACHE ?=
VEDETTE_REPORTS ?= .vedette/reports
export VEDETTE VEDETTE_VERSION VEDETTE_DATABASE VEDETTE_BASE VEDETTE_IMAGES VEDETTE_BUDGET VEDETTE_ARGUMENTS \
  VEDETTE_INCOMPLETE VEDETTE_COMMENT VEDETTE_CACHE VEDETTE_REPORTS

define VEDETTE_SCRIPT
set -euf
refuse() {
  echo "vedette: $$1" >&2
  exit 2
}
command -v "$$VEDETTE" >/dev/null || refuse "expected a program at $$VEDETTE, found none; set VEDETTE to its path"
found=$$("$$VEDETTE" --version | sed -n 's/^vedette //p') || found=
[ -n "$$found" ] || refuse "expected $$VEDETTE to tell its version, it told none"
[ "$${VEDETTE_VERSION:-$$found}" = "$$found" ] ||
  refuse "expected version $$VEDETTE_VERSION, found $$found"
rm -f "$$VEDETTE_REPORTS/exit-code"
mkdir -p "$$VEDETTE_REPORTS"
# shellcheck disable=SC2086  # words on purpose; set -f: no file names are made of them
set -- $$VEDETTE_ARGUMENTS
for image in $$VEDETTE_IMAGES; do set -- "$$@" --image="$$image"; done
[ -z "$$VEDETTE_DATABASE" ] || set -- "$$@" --db="$$VEDETTE_DATABASE"
[ -z "$$VEDETTE_BASE" ] || set -- "$$@" --base="$$VEDETTE_BASE"
[ -z "$$VEDETTE_BUDGET" ] || set -- "$$@" --budget="$$VEDETTE_BUDGET"
if [ -n "$$VEDETTE_CACHE" ]; then
  [ ! -d "$$VEDETTE_CACHE" ] || set -- "$$@" --cache-import="$$VEDETTE_CACHE"
  set -- "$$@" --cache-export="$$VEDETTE_CACHE"
fi
[ -z "$$VEDETTE_COMMENT" ] || set -- "$$@" --comment="$$VEDETTE_COMMENT"
code=0
"$$VEDETTE" ci --exclude=/.vedette/ --report=sarif="$$VEDETTE_REPORTS/vedette.sarif" \
  --report=json="$$VEDETTE_REPORTS/verdict.json" --stages="$$VEDETTE_REPORTS/stages.json" "$$@" || code=$$?
echo "$$code" >"$$VEDETTE_REPORTS/exit-code"
case $$code in
  0) ;;
  1) echo "vedette: blocked (exit code 1)" >&2 ;;
  3)
    echo "vedette: incomplete: nothing blocks, but something could not be looked at (exit code 3)" >&2
    [ "$$VEDETTE_INCOMPLETE" != warn ] || code=0
    ;;
  *) echo "vedette: no verdict (exit code $$code); the reason is above" >&2 ;;
esac
exit "$$code"
endef
export VEDETTE_SCRIPT

.PHONY: vedette vedette-staged
vedette:
	@eval "$$VEDETTE_SCRIPT"

vedette-staged:
	@VEDETTE_BASE= VEDETTE_ARGUMENTS="--staged $$VEDETTE_ARGUMENTS"; eval "$$VEDETTE_SCRIPT"
