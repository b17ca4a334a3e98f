# Pictures for the README, of the real program over its demo fleet.
DEPS_SHOTS := libvterm-dev libpango1.0-dev libgif-dev fonts-dejavu-core
SHOT_SRC   := $(addprefix tests/screen/,shot.c film.c gif.c paint.c pty.c)

$(SCREEN_DIR)/shot: $(SHOT_SRC) $(addprefix tests/screen/,film.h gif.h paint.h pty.h) $(call A,base)
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   tests/screen/shot.c')
	$(Q)$(SCREEN_CC) $$(pkg-config --cflags pangocairo) -o $@ $(SHOT_SRC) $(call A,base) \
		-lvterm -lutil $$(pkg-config --libs pangocairo) -lgif

# A second make, because what pkg-config says may have changed by then.
.PHONY: screenshots
screenshots: deps
	@.ci/deps 'draw screenshots' $(DEPS_SHOTS)
	@$(MAKE) --no-print-directory $(BUILD)/stray $(SCREEN_DIR)/shot
	tests/screen/shots.sh $(SCREEN_DIR)/shot $(BUILD)/stray screenshots
