# SPDX-License-Identifier: MIT
# The tests. Unit tests stand at tests/unit/ROOM/FILE.c for src/ROOM/FILE.c and
# link with their room and what that room may use, nothing else.
A = $(BUILD)/lib$(1).a
UNIT_LIBS_base    := $(call A,base)
UNIT_LIBS_core    := $(call A,core) $(call A,base)
UNIT_LIBS_engine  := $(call A,engine) $(call A,core) $(call A,base)
UNIT_LIBS_linux   := $(call A,linux) $(call A,core) $(call A,base)
UNIT_LIBS_report  := $(call A,report) $(call A,core) $(call A,base)
UNIT_LIBS_tui     := $(call A,tui) $(call A,report) $(call A,engine) $(call A,core) $(call A,base)
UNIT_LIBS_service := $(call A,service) $(call A,report) $(call A,engine) $(call A,core) $(call A,base)
UNIT_LIBS_demo    := $(call A,demo) $(call A,linux) $(call A,core) $(call A,base)
UNIT_LIBS_cli     := $(call A,cli) $(call A,demo) $(call A,tui) $(call A,service) $(call A,report) $(call A,engine) $(call A,linux) $(call A,core) $(call A,base)
UNIT_LINK_base    := -ljansson
UNIT_LINK_engine  := -ljansson
UNIT_LINK_linux   := -lproc2
UNIT_LINK_report  := -ljansson
UNIT_LINK_tui     := -lncursesw -ltinfo -ljansson
UNIT_LINK_service := -ljansson $(LIBS_SYSTEMD)
UNIT_LINK_demo    := -lproc2
UNIT_LINK_cli     := $(LIBS)

UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNIT_BIN := $(UNIT_SRC:tests/%.c=$(BUILD)/tests/%)

.SECONDEXPANSION:
$(BUILD)/tests/unit/%: tests/unit/%.c $$(UNIT_LIBS_$$(firstword $$(subst /, ,$$*)))
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $< \
		$(UNIT_LIBS_$(firstword $(subst /, ,$*))) $(UNIT_LINK_$(firstword $(subst /, ,$*))) -lcmocka
-include $(UNIT_BIN:=.d)

# Helper programs for the integration tests: tests/helpers/NAME.c, no library but libc.
HELPER_BIN := $(patsubst tests/helpers/%.c,$(BUILD)/tests/helpers/%,$(wildcard tests/helpers/*.c))
$(BUILD)/tests/helpers/%: tests/helpers/%.c
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $<
-include $(HELPER_BIN:=.d)

# Property tests: a slow and plain second opinion over many random forests.
PROPERTY_BIN := $(BUILD)/tests/property/census $(BUILD)/tests/property/sweep $(BUILD)/tests/property/scan $(BUILD)/tests/property/reuse
# Without -lproc2: what reads /proc stands in procs_read.c, and goes before the archive's.
$(BUILD)/tests/property/scan: tests/property/scan.c tests/property/procs.c tests/property/procs_read.c tests/property/forest.c $$(call A,linux) $$(call A,core) $$(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^
$(BUILD)/tests/property/sweep: tests/property/sweep.c tests/property/world.c tests/property/oracle.c tests/property/forest.c $$(call A,engine) $$(call A,core) $$(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ -ljansson
$(BUILD)/tests/property/reuse: tests/property/reuse.c $$(call A,engine) $$(call A,linux) $$(call A,core) $$(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ -ljansson -lproc2
$(BUILD)/tests/property/%: tests/property/%.c tests/property/oracle.c tests/property/forest.c $$(call A,core) $$(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^

.PHONY: check-unit
check-unit: $(UNIT_BIN)
	tests/run $(UNIT_BIN)

INTEGRATION := $(sort $(wildcard tests/integration/*.sh))
-include tests/screen/screen.mk
-include tests/screen/shots.mk

# Everything that `make check` builds, then everything it runs. Rules about the
# source text are tests like the others: one script, one result.
.PHONY: check-build check-run
check-build: $(UNIT_BIN) $(PROPERTY_BIN) $(HELPER_BIN) $(SCREEN_BIN)
check-run:
	@STRAY=$(abspath $(BUILD)/stray) HELPERS=$(abspath $(BUILD)/tests/helpers) \
		tests/run tests/layers tests/hygiene $(UNIT_BIN) $(PROPERTY_BIN) $(FUZZ_BIN) $(SCREEN_BIN) $(INTEGRATION)

include tests/bench/bench.mk
-include tests/fuzz/fuzz.mk
-include tests/long.mk
