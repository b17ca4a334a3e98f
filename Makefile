# SPDX-License-Identifier: MIT
# stray: build, test, install. `make help` lists the targets.
# The newest one in the changelog.
VERSION  := $(shell sed -n 's/^## \([0-9][0-9.]*\) .*/\1/p' src/share/doc/changelog.md | head -n 1)
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
ifeq ($(origin CC),default)
CC       := gcc
endif
CSTD     := -std=gnu11
WARN     := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla -Wwrite-strings -Wpointer-arith
WERROR   ?=
OPT      ?= -O2 -g
HARDEN   ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
SANITIZE ?=
# CPPFLAGS, CFLAGS and LDFLAGS of the command line come after the project's own.
CPPFLAGS_ALL = -Iinclude -Isrc -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSTRAY_VERSION='"$(VERSION)"' \
	$(if $(HAVE_SYSTEMD),-DHAVE_LIBSYSTEMD) $(CPPFLAGS)
CFLAGS_ALL := $(CSTD) $(WARN) $(WERROR) $(OPT) $(if $(findstring -fsanitize,$(SANITIZE)),-fPIE,$(HARDEN)) $(SANITIZE) -pthread $(CFLAGS)
LDFLAGS_ALL := -pie -Wl,-z,relro,-z,now -pthread $(SANITIZE) $(LDFLAGS)

# libsystemd is optional: without it --sweep does not speak sd_notify.
HAVE_SYSTEMD := $(shell pkg-config --exists libsystemd 2>/dev/null && echo yes)
LIBS_SYSTEMD := $(if $(HAVE_SYSTEMD),-lsystemd)

# What each room may link with is the rule of the README's map: base and core need nothing.
LIBS := -lproc2 -lncursesw -ltinfo -linih -ljansson $(LIBS_SYSTEMD)

ROOMS := base core engine linux report tui service demo cli
SRC   := $(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c))
OBJ   := $(SRC:src/%.c=$(BUILD)/obj/%.o)
MAIN  := $(BUILD)/obj/cli/main.o

.DEFAULT_GOAL := all
.PHONY: all
all: $(BUILD)/stray

# Short lines while building; V=1 shows the commands.
Q   := $(if $(V),,@)
say  = $(if $(V),@:,@printf '  %-4s %s\n' '$(1)' '$(2)')

$(BUILD)/stray: $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(OBJ) $(LIBS)

$(BUILD)/obj/%.o: src/%.c | $(BUILD)/can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Looked for once: what the build needs is there. It says what is not, and how to get it.
$(BUILD)/can-build:
	@CC='$(CC)' .ci/deps --missing build
	@mkdir -p $(@D) && touch $@

# --- the static program ---------------------------------------------------------
# One file for any Linux of this architecture. With glibc, since Debian has all libraries as
# archives for it; only libsystemd comes as a shared one, so without sd_notify. musl would be
# smaller by half, and would want its own builds of four libraries.
STATIC       := $(BUILD)/static
STATIC_TERMS := linux screen screen-256color tmux tmux-256color vt100 vt220 xterm xterm-256color
STATIC_SRC   := $(wildcard src/share/static/*.c)
STATIC_FLAGS := -ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=.

.PHONY: static
static:
	@$(MAKE) --no-print-directory BUILD=$(STATIC) HAVE_SYSTEMD= SANITIZE= LDFLAGS= OPT='-O2 $(STATIC_FLAGS)' $(STATIC)/stray.static
	@cmp -s $(STATIC)/stray.static $(STATIC)/stray || cp $(STATIC)/stray.static $(STATIC)/stray
$(BUILD)/terminfo.c: Makefile
	@mkdir -p $(@D)
	@{ echo '#include "terminal.h"'; echo 'const struct terminal terminals[] = {'; \
		for term in $(STATIC_TERMS); do \
			echo "{ \"$$term\", \"$$(infocmp -0 -Q2 -q $$term)\" },"; \
		done; echo '{ 0 } };'; } >$@
# What libc says of getpwuid and dlopen: it wants its own version at run time for what is not
# built in. User names come from /etc/passwd, which is; libnuma is only loaded by top.
$(BUILD)/stray.static: $(OBJ) $(BUILD)/terminfo.c $(STATIC_SRC)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Isrc/share/static $(CFLAGS_ALL) $(LDFLAGS_ALL) -static-pie -s -Wl,--gc-sections \
		-Wl,--wrap=newterm -Wl,--no-warnings -o $@ $(OBJ) $(BUILD)/terminfo.c $(STATIC_SRC) $(LIBS)

# One archive per room, so that a test links exactly what its room may use.
define ROOM_ARCHIVE
$(BUILD)/lib$(1).a: $(filter-out $(MAIN),$(patsubst src/%.c,$(BUILD)/obj/%.o,$(wildcard src/$(1)/*.c)))
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach room,$(ROOMS),$(eval $(call ROOM_ARCHIVE,$(room))))

-include $(OBJ:.o=.d)
include tests/tests.mk

# --- packages -----------------------------------------------------------------

# .ci/packages has the list, .ci/deps installs what is missing and says so.
# Services, which a developer's machine does not get installed for a test: unpacked, not installed.
DEPS_UNPACKED := prometheus prometheus-node-exporter redis-server nginx-light openssh-client gpg-agent \
	bindfs bubblewrap dropbear-bin sccache
TOOLS := build/tools

.PHONY: deps deps-check deps-long deps-bench
deps:
	@CC='$(CC)' .ci/deps build
deps-check:
	@CC='$(CC)' .ci/deps build check
	@.ci/unpack $(TOOLS) 'test against' $(DEPS_UNPACKED)
deps-long: deps-check
	@.ci/deps long
deps-bench: deps
	@.ci/deps bench

# --- what people call ---------------------------------------------------------

JOBS := $(shell nproc 2>/dev/null || echo 2)

# A second make, because what pkg-config says may have changed by then.
.PHONY: demo check
demo: deps
	@$(MAKE) --no-print-directory -s -j$(JOBS) all
	@$(BUILD)/stray --demo

check: deps-check
	@$(MAKE) --no-print-directory -j$(JOBS) check-build
	@$(MAKE) --no-print-directory check-run

.PHONY: help
help:
	@echo 'make            build $(BUILD)/stray'
	@echo 'make demo       install what is missing, build, open the view on a demo fleet'
	@echo 'make check      the same, and run every test (minutes)'
	@echo 'make check T=unit/core/verdict   one of them, or several: a glob below tests/'
	@echo 'make check-run  build and run the tests without looking for what is missing'
	@echo 'make check-long sanitizers, valgrind, analyzers, fuzzing, mutations (longer)'
	@echo 'make bench      what a tick costs, beside ps, pgrep, top and others (10 to 20 minutes)'
	@echo 'make install    to $$(DESTDIR)$$(PREFIX), here $(DESTDIR)$(PREFIX)'
	@echo 'make uninstall  take that away again'
	@echo 'make deps       install what the build needs, and nothing else'
	@echo 'make deb        a Debian package in $(BUILD)/deb'
	@echo 'make static     one file without shared libraries, in $(BUILD)/static'
	@echo 'make release    static program, package, source and checksums in $(BUILD)/release'
	@echo 'make screenshots draw screenshots/ anew from the real program'
	@echo 'make compile_commands.json for clangd and its kin'
	@echo 'make dist       a source archive in $(BUILD)'

# --- install ------------------------------------------------------------------

bindir   := $(DESTDIR)$(PREFIX)/bin
man1dir  := $(DESTDIR)$(PREFIX)/share/man/man1
man5dir  := $(DESTDIR)$(PREFIX)/share/man/man5
# systemd looks for a user's units in lib below /usr and /usr/local, elsewhere in share.
unitdir  := $(DESTDIR)$(PREFIX)/$(if $(filter /usr /usr/local,$(PREFIX)),lib,share)/systemd/user
bashdir  := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
# Debian's zsh looks elsewhere for what packages bring.
ZSH_DIR  ?= $(PREFIX)/share/zsh/site-functions
zshdir   := $(DESTDIR)$(ZSH_DIR)
fishdir  := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
docdir   := $(DESTDIR)$(PREFIX)/share/doc/stray
exampledir := $(docdir)/examples

# What the files say of /usr/local is said of PREFIX when they are installed.
put-755 = install -D -m 755 $(1) $(2)
put-644 = sed 's,/usr/local,$(PREFIX),g' $(1) | install -D -m 644 /dev/stdin $(2)

# FILE:FOLDER:MODE, the one list of what install puts and uninstall takes away.
INSTALLED := \
	$(BUILD)/stray:$(bindir):755 \
	$(foreach f,$(wildcard src/share/man/*.1),$(f):$(man1dir):644) \
	$(foreach f,$(wildcard src/share/man/*.5),$(f):$(man5dir):644) \
	$(foreach f,$(wildcard src/share/systemd/*.service src/share/systemd/*.timer),$(f):$(unitdir):644) \
	$(foreach f,$(wildcard src/share/completions/stray.bash),$(f):$(bashdir):644) \
	$(foreach f,$(wildcard src/share/completions/_stray),$(f):$(zshdir):644) \
	$(foreach f,$(wildcard src/share/completions/stray.fish),$(f):$(fishdir):644) \
	$(foreach f,$(wildcard src/share/doc/*.md),$(f):$(docdir):644) \
	$(foreach f,$(wildcard src/share/examples/*),$(f):$(exampledir):644)

# The bash completion is looked up by the command's name.
target = $(word 2,$(subst :, ,$(1)))/$(patsubst stray.bash,stray,$(notdir $(word 1,$(subst :, ,$(1)))))

.PHONY: install uninstall
install: all
	@$(foreach i,$(INSTALLED),$(call put-$(word 3,$(subst :, ,$(i))),$(word 1,$(subst :, ,$(i))),$(call target,$(i))) \
		&& echo '$(call target,$(i))' &&) true
uninstall:
	@$(foreach i,$(INSTALLED),rm -f $(call target,$(i)) &&) true
	@rmdir $(exampledir) $(docdir) 2>/dev/null || true

# Everything below is the same bytes at each run: times are those of the changelog.
SOURCE_DATE_EPOCH ?= $(shell .ci/debian-changelog --epoch)
export SOURCE_DATE_EPOCH
.PHONY: dist
dist:
	@mkdir -p $(BUILD)
	tar --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --mtime=@$(SOURCE_DATE_EPOCH) \
		--transform 's,^,stray-$(VERSION)/,' -cf - \
		.ci .clang-format .editorconfig .gitignore Makefile README.md include src tests screenshots | \
		gzip -n -9 >$(BUILD)/stray-$(VERSION).tar.gz

# A Debian package, by the standard tools from the source archive.
.PHONY: deb
deb:
	@.ci/deps build deb
	@$(MAKE) --no-print-directory dist
	rm -rf $(BUILD)/deb && mkdir -p $(BUILD)/deb
	tar -xzf $(BUILD)/stray-$(VERSION).tar.gz -C $(BUILD)/deb
	cp -R src/share/debian $(BUILD)/deb/stray-$(VERSION)/debian
	.ci/debian-changelog >$(BUILD)/deb/stray-$(VERSION)/debian/changelog
	cd $(BUILD)/deb/stray-$(VERSION) && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS dpkg-buildpackage -us -uc -b
	lintian --pedantic --fail-on error $(BUILD)/deb/*.changes
	@ls $(BUILD)/deb/*.deb

# What a tag publishes.
RELEASE := $(BUILD)/release
.PHONY: release
release:
	@$(MAKE) --no-print-directory static
	@$(MAKE) --no-print-directory deb
	rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	cp $(STATIC)/stray $(RELEASE)/stray-linux-$$(uname -m)
	cp $$(ls $(BUILD)/deb/stray_$(VERSION)_*.deb) $(BUILD)/stray-$(VERSION).tar.gz $(RELEASE)
	cp src/share/ci/stray-ci.sh $(RELEASE)
	cd $(RELEASE) && sha256sum * >SHA256SUMS
	@cat $(RELEASE)/SHA256SUMS

# For clangd and other tools that want to know how a file is compiled.
.PHONY: compile_commands.json
compile_commands.json:
	@{ sep='['; for file in $(SRC) $(sort $(wildcard tests/*/*.c tests/*/*/*.c)); do \
		printf '%s\n{"directory": "$(CURDIR)", "file": "%s", "command": "%s -c %s"}' \
			"$$sep" "$$file" $(COMPILE_COMMAND) "$$file"; sep=,; \
	done; echo; echo ']'; } >$@
	$(call say,GEN,$@)
COMPILE_COMMAND = "$$(printf %s $(call shell_quoted,$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL)) | sed 's/[\\"]/\\&/g')"
shell_quoted = '$(subst ','\'',$(1))'

.PHONY: clean
clean:
	rm -rf $(BUILD) $(TOOLS)
