/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/theme.h"

/* The eight colours as terminals draw them: xterm, VGA (the Linux console), kitty, alacritty. */
static const unsigned palettes[][8] = {
	{ 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5 },
	{ 0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa },
};

enum { NR_PALETTES = sizeof(palettes) / sizeof(palettes[0]) };

static double channel(unsigned value)
{
	double c = value / 255.0;

	return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(unsigned rgb)
{
	return 0.2126 * channel(rgb >> 16 & 255) + 0.7152 * channel(rgb >> 8 & 255) +
	       0.0722 * channel(rgb & 255);
}

/* As WCAG 2 defines it: 1 to 21. */
static double contrast(unsigned a, unsigned b)
{
	double one = luminance(a), other = luminance(b);

	return one > other ? (one + 0.05) / (other + 0.05) : (other + 0.05) / (one + 0.05);
}

static void the_measure_is_right(void **state)
{
	(void)state;
	assert_true(fabs(contrast(0x000000, 0xffffff) - 21) < 0.01);
	assert_true(fabs(contrast(0x777777, 0xffffff) - 4.48) < 0.01);
	/* Yellow text on a white terminal: what this test is for. */
	assert_true(contrast(palettes[0][3], 0xffffff) < 2);
}

/* 4.5 to 1 is what text needs; 3 to 1 on the dim VGA palette, where grey stands for white. */
static void every_chip_is_readable(void **state)
{
	(void)state;
	for (int role = 0; role < ROLE_NR; role++) {
		short fg, bg;

		theme_colours(role, &fg, &bg);
		for (int p = 0; p < NR_PALETTES && bg >= 0; p++) {
			double is = contrast(palettes[p][fg], palettes[p][bg]);

			if (is < (p ? 3.0 : 4.5))
				fail_msg("role %d in palette %d: %.1f", role, p, is);
		}
	}
}

/* On the terminal's own background, black or white, only its own foreground is sure. */
static void text_on_the_own_background_is_readable_on_black_and_white(void **state)
{
	(void)state;
	for (int role = 0; role < ROLE_NR; role++) {
		short fg, bg;

		theme_colours(role, &fg, &bg);
		if (bg >= 0 || fg < 0)
			continue;
		for (int p = 0; p < NR_PALETTES; p++)
			if (contrast(palettes[p][fg], 0xffffff) < 4.5 ||
			    contrast(palettes[p][fg], 0x000000) < 4.5)
				fail_msg("role %d is pale on one of them", role);
	}
}

static void a_chip_has_both_colours(void **state)
{
	(void)state;
	for (int role = 0; role < ROLE_NR; role++) {
		short fg, bg;

		theme_colours(role, &fg, &bg);
		assert_true(fg >= 0 || bg < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_measure_is_right),
		cmocka_unit_test(every_chip_is_readable),
		cmocka_unit_test(text_on_the_own_background_is_readable_on_black_and_white),
		cmocka_unit_test(a_chip_has_both_colours),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
