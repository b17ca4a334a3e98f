# SPDX-License-Identifier: MIT
# The screen tests: programs on a pseudo terminal, read back through libvterm.
# golden compares whole screens with golden/*.txt; `make update-golden` writes
# these anew. behaviour looks at colours, cursor, mouse and dialogs, keys at what is
# typed, pasted and sent by terminals, ends at how the terminal is given back. drive lets tests/integration/view.sh do the same; what
# tests/integration/scenes.sh runs is in shots.mk.
SCREEN_DIR  := $(BUILD)/tests/screen
SCREEN_BIN  := $(addprefix $(SCREEN_DIR)/,golden behaviour ends keys)
SCREEN_LIBS := $(call A,tui) $(call A,report) $(call A,engine) $(call A,core) $(call A,base)
screen_obj = $(1:%=$(BUILD)/tests/obj/screen/%.o)

$(SCREEN_DIR)/view: $(call screen_obj,view fixture) $(SCREEN_LIBS)
	$(call link_test,-lncursesw -ltinfo -ljansson)
$(SCREEN_DIR)/behaviour $(SCREEN_DIR)/ends $(SCREEN_DIR)/keys: $(call screen_obj,stage)
$(SCREEN_BIN) $(SCREEN_DIR)/drive: $(SCREEN_DIR)/%: $(call screen_obj,% pty) $(call A,base)
	$(call link_test,-lvterm -lutil -lcmocka)
$(SCREEN_BIN): | $(SCREEN_DIR)/view $(SCREEN_DIR)/drive

.PHONY: update-golden check-screen
update-golden: $(SCREEN_DIR)/golden
	$(SCREEN_DIR)/golden --update
check-screen: $(SCREEN_BIN)
	tests/run $(SCREEN_BIN)
