# SPDX-License-Identifier: GPL-2.0-or-later
# "make help" lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
MAKEFLAGS += --no-print-directory

top := $(CURDIR)
build := $(top)/build
VERSION := $(shell sed -n 's/^.define SCHEDSPLIT_VERSION[ \t]*"\(.*\)"/\1/p' kmod/version.h)

# Headers of the kernel to build for: by default the one that runs.
KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELS := $(shell scripts/kernels --list)

PREFIX ?= /usr/local
# Where the module's source goes for DKMS, and what keeps it loaded at boot.
DKMS_DIR = $(DESTDIR)/usr/src/schedsplit-$(VERSION)
MODULES_LOAD = $(DESTDIR)$(PREFIX)/lib/modules-load.d/schedsplit.conf
# Debian's zsh keeps /usr/share/zsh/site-functions to itself.
ZSH_DIR = $(DESTDIR)$(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

.DEFAULT_GOAL := default
.PHONY: default
default:
	@if [ -e "$(KDIR)/Makefile" ]; then \
		$(MAKE) module; \
	else \
		echo "no module: there are no kernel headers at $(KDIR);" \
		     "install linux-headers-$$(uname -r) or say KDIR=..."; \
	fi
	@$(MAKE) tool

##@ Try it
.PHONY: demo test
demo: ## fresh machine to a comparison table, in a VM
	@scripts/setup build vm demo
	@scripts/kernels 6.12 >/dev/null
	@$(MAKE) -s module-6.12 tool
	@mkdir -p build/demo
	scripts/vm.sh -k 6.12 -c 2 -- schedsplit compare --quick \
		--json=build/demo/compare.json | tee build/demo/report.txt
	@if build/schedsplit report --help >/dev/null 2>&1; then \
		build/schedsplit report build/demo/compare.json \
			>build/demo/report.html; \
	fi
	@echo "left in build/demo: $$(cd build/demo && echo *)"

test: ## fresh machine to a verdict, on every supported kernel
	@scripts/setup all
	@tests/run $(TESTS)

##@ Build
# The module is built in a tree of symlinks below build/kmod/, one for each
# kernel: a tree can hold the objects for one kernel only.
kmod_sources = $(shell find kmod -type f -not -name '.*')
kdir_name = $(or $(patsubst $(build)/kernels/%/headers,%,\
	$(filter $(build)/kernels/%/headers,$(abspath $(KDIR)))),\
	$(patsubst /lib/modules/%/build,%,$(filter /lib/modules/%/build,$(KDIR))),\
	$(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null))

# $(call build_module,NAME,KDIR)
# No BTF: it takes pahole, and a vmlinux that header packages often lack.
define build_module
	@mkdir -p build/kmod/$1
	@flock build/kmod/.$1.lock sh -ec ' \
		find build/kmod/$1 -xtype l -delete; \
		cp -rsf $(top)/kmod/. build/kmod/$1/; \
		$(MAKE) -C $2 M=$(build)/kmod/$1 \
			CONFIG_DEBUG_INFO_BTF_MODULES= modules'
endef

.PHONY: module modules tool FORCE
module: ## the module for the running kernel, or for KDIR=DIR (W=1 warns more)
	@[ -e "$(KDIR)/Makefile" ] || { \
		echo "no kernel headers at $(KDIR): install" \
		     "linux-headers-$$(uname -r) or say KDIR=..." >&2; exit 1; }
	$(call build_module,$(kdir_name),$(abspath $(KDIR)))
	@echo "built build/kmod/$(kdir_name)/schedsplit.ko"

modules: $(KERNELS:%=module-%) ## the module for each kernel of scripts/kernels

.PHONY: $(KERNELS:%=module-%) module-debug module-kcsan
$(KERNELS:%=module-%) module-debug module-kcsan: module-%: \
	build/kmod/%/schedsplit.ko

# Kbuild takes a second to find that nothing changed: ask it only if need be.
build/kmod/%/schedsplit.ko: $(kmod_sources) build/kernels/%/release \
		$(if $(W)$(C)$(CHECK),FORCE)
	$(call build_module,$*,$(build)/kernels/$*/headers)
	@touch -c $@

# Never out of date: scripts/kernels --update replaces it.
build/kernels/%/release:
	@scripts/kernels $* >/dev/null

tool: ## build/schedsplit and its worker programs
	@mkdir -p build
	@flock build/.tool.lock $(MAKE) -C user O=$(build) PREFIX=$(PREFIX)

##@ Verify
.PHONY: check test-unit test-debug soak bench fuzz
check: ## checkpatch, sparse, W=1, shellcheck, cppcheck, clang-tidy, format
	@scripts/setup build vm check
	@scripts/check

test-unit: ## the unit tests alone, on the host
	@mkdir -p build
	@$(MAKE) -C tests/unit O=$(build) check

test-debug: ## the VM tests with KASAN, lockdep, kmemleak and with KCSAN
	@scripts/setup all kernel
	@tests/run -k debug -k kcsan

fuzz: ## fuzzers of what the tool reads, ten minutes each
	@scripts/setup build fuzz
	@tests/fuzz/run $(FUZZERS)

soak: ## the long runs: hours
	@[ -x tests/soak ] || { \
		echo "make soak: there is no tests/soak yet; try make test" >&2; \
		exit 1; }
	@scripts/setup all
	@tests/soak

bench: ## overhead and scale, with peers in the same run
	@[ -x tests/bench/run ] || { \
		echo "make bench: there is no tests/bench/run yet; try make test" >&2; \
		exit 1; }
	@scripts/setup all
	@status=0; for bench in run pipe cost; do \
		tests/bench/$$bench || status=1; \
	done; exit $$status

##@ Lab machine (as root)
.PHONY: load unload install uninstall deb
load: ## build tool and module for the running kernel, insmod it
	@scripts/load

unload: ## take it out again
	@scripts/load --unload

install: tool ## tool, man pages, module source for DKMS; PREFIX, DESTDIR
	install -Dm755 -t $(DESTDIR)$(PREFIX)/bin build/schedsplit
	for f in build/libexec/schedsplit/*; do \
		[ ! -f "$$f" ] || [ ! -x "$$f" ] || \
		install -Dm755 -t $(DESTDIR)$(PREFIX)/libexec/schedsplit "$$f"; \
	done
	for f in user/man/*.1; do \
		[ ! -e "$$f" ] || \
		install -Dm644 -t $(DESTDIR)$(PREFIX)/share/man/man1 "$$f"; \
	done
	[ ! -e user/completion/schedsplit.bash ] || \
		install -Dm644 user/completion/schedsplit.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/schedsplit
	[ ! -e user/completion/_schedsplit ] || \
		install -Dm644 -t $(ZSH_DIR) user/completion/_schedsplit
	install -d $(dir $(MODULES_LOAD)) $(DKMS_DIR)
	echo schedsplit >$(MODULES_LOAD)
	cp -r Kbuild kmod $(DKMS_DIR)/
	[ ! -e kmod/dkms.conf ] || \
		sed 's/@VERSION@/$(VERSION)/' kmod/dkms.conf >$(DKMS_DIR)/dkms.conf
# With DESTDIR it is a package's tree: whoever installs that builds the module.
ifeq ($(DESTDIR),)
	@scripts/load --install "$(DKMS_DIR)"
endif

uninstall: ## what install put there
ifeq ($(DESTDIR),)
	@scripts/load --uninstall "$(DKMS_DIR)"
endif
	rm -f $(DESTDIR)$(PREFIX)/bin/schedsplit $(MODULES_LOAD)
	rm -rf $(DESTDIR)$(PREFIX)/libexec/schedsplit $(DKMS_DIR)
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/schedsplit*.1
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/schedsplit
	rm -f $(ZSH_DIR)/_schedsplit

deb: ## a Debian package below build/, module source included (DKMS)
	@scripts/deb $(VERSION)

##@ Tidy up
.PHONY: clean distclean help
clean: ## what was compiled; the kernels stay
	find build -mindepth 1 -maxdepth 1 -not -name kernels \
		-exec rm -rf {} + 2>/dev/null || true

distclean: ## all of build/
	rm -rf build

help: ## print this
	@awk -F ':.*## ' ' \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))
