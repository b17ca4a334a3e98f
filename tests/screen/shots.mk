# SPDX-License-Identifier: MIT
# Pictures for the README, of the real program over its demo fleet (director.c has the
# plays, steady.c the clock). `make check` compares the scenes as text.
DEPS_SHOTS := libvterm-dev libpango1.0-dev libgif-dev fonts-dejavu-core
PLAY_SRC   := $(addprefix tests/screen/,director.c pty.c)
PLAY_HDR   := $(addprefix tests/screen/,director.h film.h gif.h paint.h pty.h steady.h)
SHOT_SRC   := $(PLAY_SRC) $(addprefix tests/screen/,shot.c film.c gif.c paint.c)
STEADY     := clock_ms clock_us mkdtemp pthread_timedjoin_np procfs_source_new pidfd_reaper_new

$(SCREEN_DIR)/steady: tests/screen/steady.c tests/screen/steady.h $(OBJ)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   tests/screen/steady.c')
	$(Q)$(SCREEN_CC) $(STEADY:%=-Wl,--wrap=%) -o $@ tests/screen/steady.c $(OBJ) $(LIBS)
$(SCREEN_DIR)/scenes: tests/screen/scenes.c $(PLAY_SRC) $(PLAY_HDR) $(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   tests/screen/scenes.c')
	$(Q)$(SCREEN_CC) -o $@ $(filter %.c,$^) $(call A,base) -lvterm -lutil
$(SCREEN_DIR)/shot: $(SHOT_SRC) $(PLAY_HDR) $(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   tests/screen/shot.c')
	$(Q)$(SCREEN_CC) $$(pkg-config --cflags pangocairo) -o $@ $(SHOT_SRC) $(call A,base) \
		-lvterm -lutil $$(pkg-config --libs pangocairo) -lgif
$(SCREEN_BIN): | $(SCREEN_DIR)/steady $(SCREEN_DIR)/scenes

# A second make, because what pkg-config says may have changed by then.
.PHONY: screenshots shot-build check-screenshots update-scenes
screenshots: shot-build
	tests/screen/shots.sh $(SCREEN_DIR)/shot $(SCREEN_DIR)/steady screenshots
	@large=$$(find screenshots -size +200k) && test -z "$$large" || \
		{ echo "larger than 200 KB: $$large" >&2; exit 1; }
shot-build: deps
	@.ci/deps 'draw screenshots' $(DEPS_SHOTS)
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
