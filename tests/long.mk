# SPDX-License-Identifier: MIT
# make check-long: what takes more than a few minutes. Each step is a build of
# its own in a folder of its own, so that `make check` stays as it is.
LONG_BUILD := $(BUILD)/long
ASAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
TSAN := -fsanitize=thread -fno-omit-frame-pointer
again = $(MAKE) --no-print-directory -j$(JOBS) BUILD=$(LONG_BUILD)/$(1)

.PHONY: check-long check-clang check-asan check-tsan check-valgrind check-analyzers check-property check-mutations check-coverage check-fuzz check-chaos check-agents check-release
check-long: deps-long check check-clang check-asan check-tsan check-valgrind check-analyzers check-property check-fuzz check-chaos check-agents check-release check-screenshots check-mutations check-coverage

# Both compilers, warnings are errors.
check-clang:
	$(call again,gcc) CC=gcc WERROR=-Werror all check-build
	$(call again,clang) CC=clang WERROR=-Werror all check-build

# Every test again under the sanitizers. Leaks are looked for as well.
check-asan:
	$(call again,asan) SANITIZE='$(ASAN)' OPT='-O1 -g' all check-build
	$(call again,asan) SANITIZE='$(ASAN)' OPT='-O1 -g' check-run
# The threads: the engine's and the view's, and the readers of the source.
check-tsan:
	$(call again,tsan) SANITIZE='$(TSAN)' OPT='-O1 -g' all check-build
	STRAY=$(abspath $(LONG_BUILD)/tsan/stray) HELPERS=$(abspath $(LONG_BUILD)/tsan/tests/helpers) \
		tests/run $(UNIT_BIN:$(BUILD)/%=$(LONG_BUILD)/tsan/%) $(SCREEN_BIN:$(BUILD)/%=$(LONG_BUILD)/tsan/%)
# Not what needs pidfds (Debian 12's valgrind, 3.19, knows no pidfd_open): that
# is for the sanitizers.
check-valgrind: check-build
	@for test in $(filter-out %/demo/demo %/cli/wrapper $(BUILD)/tests/unit/linux/%,$(UNIT_BIN)); do \
		valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \
			--child-silent-after-fork=yes $$test >$(BUILD)/valgrind.log || \
			{ cat $(BUILD)/valgrind.log; echo "valgrind: $$test"; exit 1; }; \
	done; echo 'valgrind: clean'

# gcc's analyzer, clang-tidy, cppcheck and shellcheck. Switched off, because all
# that they find here is wrong; valgrind and the sanitizers look for the same:
#   gcc 12	loses sight of what stands in arrays of structs (leaks), of what a
#		call sets through a pointer (NULL, uninitialised), of which options
#		have an argument (NULL)
#   cppcheck	does not know the cleanup attribute (leaks)
#   shellcheck	does not see that check and wait_for call functions
#   clang-tidy	wants Annex K, which no C library here has; follows pointers as gcc does
ANALYZER := -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-null-dereference -Wno-analyzer-null-argument \
	-Wno-analyzer-use-of-uninitialized-value
TIDY := clang-analyzer-unix.*,clang-analyzer-security.*,-clang-analyzer-security.insecureAPI.*,-clang-analyzer-unix.Malloc
check-analyzers:
	$(call again,analyzer) CC=gcc OPT='-O1 $(ANALYZER)' WERROR=-Werror all
	clang-tidy --quiet --checks='-*,$(TIDY)' --warnings-as-errors='*' $(SRC) -- $(CPPFLAGS_ALL) $(CSTD)
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=memleak -Iinclude -Isrc $(SRC)
	shellcheck -e SC2317 tests/run tests/layers tests/hygiene tests/plain tests/contracts tests/agents/check .ci/run .ci/deps .ci/unpack .ci/debian-changelog src/share/ci/*.sh $(wildcard tests/helpers/*.sh tests/screen/*.sh) $(INTEGRATION)

# Two releases are the same bytes, in whatever folder and at whatever time they are made.
check-release:
	rm -rf $(BUILD)/first && $(MAKE) --no-print-directory clean-release release && cp -R $(RELEASE) $(BUILD)/first
	$(MAKE) --no-print-directory clean-release release
	diff -r $(BUILD)/first $(RELEASE)
.PHONY: clean-release
clean-release:
	rm -rf $(STATIC) $(RELEASE) $(BUILD)/deb

check-property: $(PROPERTY_BIN)
	STRAY_FORESTS=200000 $(BUILD)/tests/property/census
	STRAY_TICKS=1000000 $(BUILD)/tests/property/sweep
	STRAY_HISTORIES=50000 $(BUILD)/tests/property/scan
check-mutations: check-build
	tests/mutate
check-fuzz:
	$(MAKE) --no-print-directory BUILD=$(LONG_BUILD)/fuzz CC=clang fuzz-run

# Real processes at random, and pids handed on at the worst moment, for minutes.
CHAOS := STRAY=$(abspath $(BUILD)/stray) HELPERS=$(abspath $(BUILD)/tests/helpers) TEST_TIMEOUT=3600
check-chaos: all $(HELPER_BIN) $(BUILD)/tests/property/reuse
	STRAY_REUSES=1150 $(BUILD)/tests/property/reuse
	$(CHAOS) STRAY_CHAOS_SECONDS=600 STRAY_CHAOS_STORMS=yes STRAY_REUSE_MS=20000 \
		tests/run tests/integration/chaos.sh tests/integration/reuse.sh

# The agent programs that people run, from npm (tests/agents/versions), at work and killed:
# about half an hour. Where they cannot be had they are skipped, and counted so.
check-agents: all
	STRAY=$(abspath $(BUILD)/stray) AGENTS=$(abspath $(BUILD)/agents) TEST_TIMEOUT=7200 tests/run tests/agents/check

# Line and branch coverage of the whole suite.
check-coverage:
	$(call again,coverage) OPT='-O0 -g --coverage' LDFLAGS=--coverage all check-build
	$(call again,coverage) OPT='-O0 -g --coverage' LDFLAGS=--coverage check-run
	lcov -q --rc lcov_branch_coverage=1 -c -d $(LONG_BUILD)/coverage/obj -o $(LONG_BUILD)/coverage.info
	lcov --rc lcov_branch_coverage=1 --list $(LONG_BUILD)/coverage.info
