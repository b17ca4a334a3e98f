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
UNIT_LINK_tui     := -lncursesw -ltinfo -ljansson -lm
UNIT_LINK_service := -ljansson $(LIBS_SYSTEMD)
UNIT_LINK_demo    := -lproc2
UNIT_LINK_cli     := $(LIBS)

UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNIT_BIN := $(UNIT_SRC:tests/%.c=$(BUILD)/tests/%)

.SECONDEXPANSION:
$(BUILD)/tests/unit/%: tests/unit/%.c $$(UNIT_LIBS_$$(firstword $$(subst /, ,$$*))) | $(BUILD)/can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $< \
		$(UNIT_LIBS_$(firstword $(subst /, ,$*))) $(UNIT_LINK_$(firstword $(subst /, ,$*))) -lcmocka
-include $(UNIT_BIN:=.d)

# Helper programs for the integration tests: tests/helpers/NAME.c, no library but libc.
HELPER_BIN := $(patsubst tests/helpers/%.c,$(BUILD)/tests/helpers/%,$(wildcard tests/helpers/*.c))
$(BUILD)/tests/helpers/%: tests/helpers/%.c | $(BUILD)/can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDFLAGS_ALL) -o $@ $<
-include $(HELPER_BIN:=.d)

# What is made of several files goes by way of objects, which know their headers.
# TEST_CPPFLAGS is set where a program wants something of its own.
TEST_OBJ = $(patsubst tests/%.c,$(BUILD)/tests/obj/%.o,$(1))
.PRECIOUS: $(BUILD)/tests/obj/%.o
$(BUILD)/tests/obj/%.o: tests/%.c | $(BUILD)/can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(TEST_CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
-include $(wildcard $(BUILD)/tests/obj/*/*.d)
# Of its objects and archives, in the order of its prerequisites: $(call link_test,LIBRARIES)
define link_test
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) $(1)
endef

# Property tests: a slow and plain second opinion over many random forests.
PROPERTY_BIN := $(addprefix $(BUILD)/tests/property/,census sweep scan reuse)
ORACLE := oracle_words oracle_members oracle_owner oracle_state oracle_verdict truth forest
PROPERTY_OBJ_census := $(ORACLE)
PROPERTY_OBJ_sweep  := world world_ops $(ORACLE)
# Without -lproc2: what reads /proc stands in procs_read.c, and goes before the archive's.
PROPERTY_OBJ_scan   := procs procs_read forest
PROPERTY_ROOMS_sweep := engine
PROPERTY_ROOMS_scan  := linux
PROPERTY_ROOMS_reuse := engine linux
PROPERTY_LINK_sweep := -ljansson
PROPERTY_LINK_reuse := -ljansson -lproc2
property_obj = $(patsubst %,$(BUILD)/tests/obj/property/%.o,$(1) $(PROPERTY_OBJ_$(1)))
.SECONDEXPANSION:
$(PROPERTY_BIN): $(BUILD)/tests/property/%: $$(call property_obj,$$*) \
		$$(foreach room,$$(PROPERTY_ROOMS_$$*) core base,$$(call A,$$(room)))
	$(call link_test,$(PROPERTY_LINK_$*))

.PHONY: check-unit
check-unit: $(UNIT_BIN)
	tests/run $(UNIT_BIN)

INTEGRATION := $(sort $(wildcard tests/integration/*.sh))
-include tests/screen/screen.mk
-include tests/screen/shots.mk

include tests/bench/bench.mk
-include tests/fuzz/fuzz.mk

# Everything that `make check` builds, then everything it runs. Rules about the
# source text are tests like the others: one script, one result.
ALL_TESTS := tests/layers tests/hygiene $(UNIT_BIN) $(PROPERTY_BIN) $(FUZZ_BIN) $(SCREEN_BIN) $(INTEGRATION)
# T=unit/core/verdict, T='unit/core/* integration/reap': names below tests/, as shell patterns.
empty :=
hash  := \#
SELECTED := $(if $(T),$(shell for program in $(ALL_TESTS); do \
	name=$${program$(hash)$(BUILD)/}; name=$${name$(hash)tests/}; \
	case $${name%.sh} in ($(subst $(empty) $(empty),|,$(strip $(T)))) echo $$program ;; esac; done),$(ALL_TESTS))
.PHONY: check-build check-run
check-build: all $(UNIT_BIN) $(PROPERTY_BIN) $(HELPER_BIN) $(SCREEN_BIN) $(FUZZ_BIN)
check-run: $(filter $(BUILD)/%,$(SELECTED)) $(if $(filter %.sh,$(SELECTED)),check-build) $(if $(filter %/static.sh %/ci.sh %/readme.sh,$(SELECTED)),static)
	@$(if $(SELECTED),,echo "no test is called '$(T)'" >&2; exit 2;) \
		STRAY=$(abspath $(BUILD)/stray) HELPERS=$(abspath $(BUILD)/tests/helpers) tests/run $(SELECTED)

-include tests/long.mk
