# SPDX-License-Identifier: MIT
# The benchmarks: no test, nothing passes or fails. Each size runs in a pid
# namespace of its own, so that the fleet is all there is and goes with it.
BENCH_ROOMS := $(call A,engine) $(call A,linux) $(call A,core) $(call A,base)
BENCH_LINK  := -lproc2 -ljansson -lm
BENCH_BIN   := $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%,$(wildcard tests/bench/*.c))

$(BUILD)/tests/bench/sleeper $(BUILD)/tests/bench/original: $(BUILD)/tests/bench/%: tests/bench/%.c | $(BUILD)/can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CSTD) $(WARN) $(WERROR) -O2 $(if $(filter %sleeper,$@),-static) -MMD -MP -MF $@.d -o $@ $<
-include $(BENCH_BIN:=.d)
$(BUILD)/tests/bench/%: $(BUILD)/tests/obj/bench/%.o $(BENCH_ROOMS)
	$(call link_test,$(BENCH_LINK))

# PROCESSES:MANAGED_PERCENT:INSTANCES; a size that pid_max does not allow is left out.
# One instance beside fifty shows that their number costs nothing.
BENCH_SIZES ?= 200:5:5 2000:1:20 2000:5:50 10000:1:1 10000:1:50 10000:5:50 30000:1:50
# Processes beside which the faces are measured.
BENCH_FACES ?= 200 2000 10000
NAMESPACE   := unshare -pf --mount-proc --kill-child $(if $(filter-out 0,$(shell id -u)),-Ur)
# In the namespace an ordinary user is root, whose own state folder is another's.
BENCH_STATE := STRAY_STATE_DIR=$$(mktemp -d) && export STRAY_STATE_DIR && trap 'rm -r "$$STRAY_STATE_DIR"' EXIT;
bench_word   = $(word $(1),$(subst :, ,$(2)))

.PHONY: bench bench-build bench-run bench-flat
bench: deps-bench
	@$(MAKE) --no-print-directory -j$(JOBS) all bench-build
	@$(MAKE) --no-print-directory bench-run bench-flat
bench-build: $(BENCH_BIN)
bench-run:
	@$(foreach s,$(BENCH_SIZES),\
		if [ $(call bench_word,1,$(s)) -lt "$$(cat /proc/sys/kernel/pid_max)" ]; then \
			$(NAMESPACE) $(BUILD)/tests/bench/bench $(call bench_word,1,$(s)) $(call bench_word,2,$(s)) \
				$(call bench_word,3,$(s)) $(BUILD)/stray $(BUILD)/tests/bench/sleeper \
				$(BUILD)/tests/bench/original || exit 1; \
		else echo '$(call bench_word,1,$(s)) processes: more than pid_max'; fi;) true
	@$(BUILD)/tests/bench/fits
	@$(foreach n,$(BENCH_FACES),$(BENCH_STATE) $(NAMESPACE) $(BUILD)/tests/bench/faces $(n) $(abspath $(BUILD)/stray) $(BUILD)/tests/bench/sleeper;)
	@$(NAMESPACE) $(BUILD)/tests/bench/servers $(BUILD)/tests/bench/sleeper
	@$(BENCH_STATE) $(NAMESPACE) $(BUILD)/tests/bench/dead $(abspath $(BUILD)/stray) $(BUILD)/tests/bench/sleeper
	@$(BENCH_STATE) $(NAMESPACE) $(BUILD)/tests/bench/reap $(abspath $(BUILD)/stray) $(BUILD)/tests/bench/sleeper
	@$(NAMESPACE) $(BUILD)/tests/bench/descriptors $(BUILD)/tests/bench/sleeper
	@$(BENCH_STATE) $(NAMESPACE) $(BUILD)/tests/bench/view $(abspath $(BUILD)/stray) $(BUILD)/tests/bench/sleeper
# Ten thousand ticks: resident memory and open descriptors must not grow.
bench-flat: bench-build
	@$(NAMESPACE) $(BUILD)/tests/bench/flat $(BUILD)/tests/bench/sleeper 10000
