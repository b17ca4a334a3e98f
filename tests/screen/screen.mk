# SPDX-License-Identifier: MIT
# The screen tests: programs on a pseudo terminal, read back through libvterm.
# golden compares whole screens with golden/*.txt; `make update-golden` writes
# these anew. behaviour looks at colours, cursor, mouse and dialogs, ends at how the
# terminal is given back. drive lets tests/integration/view.sh do the same; what
# tests/integration/scenes.sh runs is in shots.mk.
SCREEN_DIR  := $(BUILD)/tests/screen
SCREEN_BIN  := $(addprefix $(SCREEN_DIR)/,golden behaviour ends)
SCREEN_LIBS := $(call A,tui) $(call A,report) $(call A,engine) $(call A,core) $(call A,base)
SCREEN_CC    = $(CC) $(CPPFLAGS) -Itests $(CFLAGS_ALL) $(LDFLAGS_ALL)

$(SCREEN_DIR)/view: tests/screen/view.c tests/screen/fixture.c tests/screen/fixture.h $(SCREEN_LIBS)
	@mkdir -p $(@D)
	$(SCREEN_CC) -o $@ $(filter %.c,$^) $(SCREEN_LIBS) -lncursesw -ltinfo -ljansson

$(SCREEN_DIR)/behaviour $(SCREEN_DIR)/ends: tests/screen/stage.c tests/screen/stage.h
$(SCREEN_BIN) $(SCREEN_DIR)/drive: $(SCREEN_DIR)/%: tests/screen/%.c tests/screen/pty.c \
		tests/screen/pty.h $(call A,base)
	@mkdir -p $(@D)
	$(SCREEN_CC) -DGOLDEN_DIR='"$(abspath tests/screen/golden)"' -o $@ $(filter %.c,$^) \
		$(call A,base) -lvterm -lutil -lcmocka
$(SCREEN_BIN): | $(SCREEN_DIR)/view $(SCREEN_DIR)/drive

.PHONY: update-golden check-screen
update-golden: $(SCREEN_DIR)/golden
	$(SCREEN_DIR)/golden --update
check-screen: $(SCREEN_BIN)
	tests/run $(SCREEN_BIN)
