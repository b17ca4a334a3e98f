# SPDX-License-Identifier: MIT
# Fuzz targets: tests/fuzz/NAME.c with inputs in tests/fuzz/corpus/NAME/.
#   fuzz-build   every target, as a program that runs over its corpus
#   fuzz-replay  runs them (`make check` does it as well)
#   fuzz-run     libFuzzer, FUZZ_SECONDS for each target; needs clang
#   fuzz-merge   the same, keeping inputs that reach new code in the corpus
FUZZ_SECONDS ?= 20

# What each target links with: rooms, then sources of its own and libraries.
FUZZ_NAMES := environ identifier owner keep census stat receipt ledger escape keys baseline config
FUZZ_ROOMS_stat     := linux
FUZZ_ROOMS_receipt  := engine
FUZZ_ROOMS_ledger   := engine
FUZZ_ROOMS_escape   := report
FUZZ_ROOMS_keys     := tui report
FUZZ_ROOMS_baseline := cli report
FUZZ_ROOMS_config   := cli tui report engine
FUZZ_OBJ_census     := $(addprefix property/,$(ORACLE))
FUZZ_OBJ_keys       := property/forest
FUZZ_LINK_stat      := -lproc2
FUZZ_LINK_receipt   := -ljansson
FUZZ_LINK_ledger    := -ljansson
FUZZ_LINK_keys      := -lncursesw -ltinfo
FUZZ_LINK_baseline  := -ljansson
FUZZ_LINK_config    := -linih -ljansson

FUZZ_BIN := $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/%)
FUZZER_BIN := $(FUZZ_NAMES:%=$(BUILD)/tests/fuzzer/%)
fuzz_libs = $(foreach room,$(FUZZ_ROOMS_$(1)) core base,$(call A,$(room)))
fuzz_obj  = $(patsubst %,$(BUILD)/tests/obj/%.o,fuzz/$(1) $(FUZZ_OBJ_$(1)))

$(FUZZ_BIN): $(BUILD)/tests/fuzz/%: $$(call fuzz_obj,$$*) $(BUILD)/tests/obj/fuzz/replay.o $$(call fuzz_libs,$$*)
	$(call link_test,$(FUZZ_LINK_$*))
$(FUZZER_BIN): $(BUILD)/tests/fuzzer/%: $$(call fuzz_obj,$$*) $$(call fuzz_libs,$$*)
	$(call link_test,-fsanitize=fuzzer $(FUZZ_LINK_$*))

.PHONY: fuzz-build fuzz-replay fuzz-run fuzz-merge fuzzers $(FUZZ_NAMES:%=fuzz-run-%) $(FUZZ_NAMES:%=fuzz-merge-%)
fuzz-build: $(FUZZ_BIN)
fuzz-replay: fuzz-build
	tests/run $(FUZZ_BIN)

# The rooms have to be built for the fuzzer as well, so in a folder of their own.
FUZZ_SANITIZE := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
fuzzers: $(FUZZER_BIN)
fuzz-run fuzz-merge:
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/fuzzers CC=clang SANITIZE='$(FUZZ_SANITIZE)' \
		OPT='-O1 -g' fuzzers
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzzers $(FUZZ_NAMES:%=$@-%)

# New inputs go to a folder that is thrown away; what crashes stays in the build folder.
$(FUZZ_NAMES:%=fuzz-run-%): fuzz-run-%:
	@mkdir -p $(BUILD)/found/$* $(BUILD)/crashes/$*
	@echo '  FUZZ $*, $(FUZZ_SECONDS) s'
	@$(BUILD)/tests/fuzzer/$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=4096 -verbosity=0 \
		-close_fd_mask=1 -artifact_prefix=$(BUILD)/crashes/$*/ $(BUILD)/found/$* tests/fuzz/corpus/$*
$(FUZZ_NAMES:%=fuzz-merge-%): fuzz-merge-%: fuzz-run-%
	@$(BUILD)/tests/fuzzer/$* -merge=1 -max_len=512 -verbosity=0 tests/fuzz/corpus/$* $(BUILD)/found/$*
