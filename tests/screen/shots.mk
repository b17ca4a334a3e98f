# SPDX-License-Identifier: MIT
# Pictures for the README, of the real program over its demo fleet (director.c has the
# plays, steady.c the clock). `make check` compares the scenes as text.
, := ,
STEADY     := clock_ms clock_us sysinfo mkdtemp pthread_timedjoin_np procfs_source_new pidfd_reaper_new

$(SCREEN_DIR)/steady: $(call screen_obj,steady) $(OBJ)
	$(call link_test,$(STEADY:%=-Wl$(,)--wrap=%) $(LIBS))
$(SCREEN_DIR)/scenes: $(call screen_obj,scenes director pty) $(call A,base)
	$(call link_test,-lvterm -lutil)
$(call screen_obj,shot film gif paint): TEST_CPPFLAGS = $(shell pkg-config --cflags pangocairo)
$(SCREEN_DIR)/shot: $(call screen_obj,shot film gif paint director pty) $(call A,base)
	$(call link_test,-lvterm -lutil $$(pkg-config --libs pangocairo) -lgif)
$(SCREEN_BIN): | $(SCREEN_DIR)/steady $(SCREEN_DIR)/scenes

# A second make, because what pkg-config says may have changed by then.
.PHONY: screenshots shot-build check-screenshots update-scenes
screenshots: shot-build
	tests/screen/shots.sh $(SCREEN_DIR)/shot $(SCREEN_DIR)/steady screenshots
	@large=$$(find screenshots -size +200k) && test -z "$$large" || \
		{ echo "larger than 200 KB: $$large" >&2; exit 1; }
shot-build: deps
	@.ci/deps shots
	@$(MAKE) --no-print-directory $(SCREEN_DIR)/steady $(SCREEN_DIR)/shot

# The same bytes at every run.
check-screenshots: shot-build
	rm -rf $(BUILD)/screenshots
	tests/screen/shots.sh $(SCREEN_DIR)/shot $(SCREEN_DIR)/steady $(BUILD)/screenshots/first
	tests/screen/shots.sh $(SCREEN_DIR)/shot $(SCREEN_DIR)/steady $(BUILD)/screenshots/second
	diff -r $(BUILD)/screenshots/first $(BUILD)/screenshots/second
	test $$(ls $(BUILD)/screenshots/first | wc -l) = $$(ls screenshots | wc -l)
update-scenes: $(SCREEN_DIR)/steady $(SCREEN_DIR)/scenes
	UPDATE=yes tests/screen/shots.sh $(SCREEN_DIR)/scenes $(SCREEN_DIR)/steady tests/screen/golden
