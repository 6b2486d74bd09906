# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the Makefiles of the tool, its unit tests and its fuzzers have in common.

O ?= $(abspath $(dir $(lastword $(MAKEFILE_LIST)))../build)
V ?= 0
PKG_CONFIG ?= pkg-config

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:

ifeq ($(V),0)
say = @printf '  %-7s %s\n' '$1' '$(patsubst $(O)/%,%,$2)';
endif

# $(out): where all of it goes. SAN=1: the address and undefined-behaviour sanitizers.
ifeq ($(SAN),1)
out := $(O)/san
san := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
out := $(O)
san :=
endif

# What the tool is linked with.
packages := libmnl jansson gsl smartcols

# $(call wraps,TEST.c): lines " * wraps: FUNCTION ..." in a test name functions that
# it puts its own in place of.
wraps = $(foreach f,$(shell sed -n 's@^ \* wraps: @@p' $1),-Wl,--wrap=$f)
