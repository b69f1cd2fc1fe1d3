# SPDX-License-Identifier: Apache-2.0
# Thin on purpose: every target is one script or one CMake preset.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60

.PHONY: help demo deps build test lint bench fuzz conformance install clean
help:
	@echo "make deps         install the distribution packages that Vedette needs (root or sudo)"
	@echo "make build        programs in build/release/bin, and the tests"
	@echo "make demo         deps, build, rules over a recorded attack, and over a container that is attacked live"
	@echo "make test         all tests; ends with what was skipped and why (ASAN=0: release build only)"
	@echo "make lint         layout, sizes, headers, clang-tidy"
	@echo "make conformance  suites over data from outside, one line each"
	@echo "make bench        speed and memory, see bench/"
	@echo "make fuzz         every fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS)"
	@echo "make install      to PREFIX=$(PREFIX)"

demo:
	@tools/demo.sh
deps:
	@tools/install_deps.sh
build:
	cmake --preset release
	cmake --build build/release -j $(JOBS)
test: build
	@JOBS=$(JOBS) tools/run_tests.sh
lint:
	@JOBS=$(JOBS) tools/lint.sh
bench: build
	@bench/run.sh
fuzz:
	@JOBS=$(JOBS) FUZZ_SECONDS=$(FUZZ_SECONDS) tools/fuzz.sh
conformance: build
	@tools/conformance.sh
install: build
	cmake --install build/release --prefix $(PREFIX)
clean:
	rm -rf build
