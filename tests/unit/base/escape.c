/* SPDX-License-Identifier: MIT */
#include "unit/report/fixture.h"

#include <locale.h>

#include "base/escape.h"

static void shows(const char *data, size_t len, const char *expected)
{
	struct strbuf sb = STRBUF_INIT;

	escape_append(&sb, (struct bytes){ data, len });
	assert_string_equal(sb.buf, expected);
	assert_int_equal(sb.len, strlen(expected));
	strbuf_release(&sb);
}

#define SHOWS(text, expected) shows(text, sizeof(text) - 1, expected)

static void plain_text_stays(void **state)
{
	(void)state;
	SHOWS("", "");
	SHOWS("goose", "goose");
	SHOWS("back\\slash \"quoted\"", "back\\slash \"quoted\"");
	SHOWS("Gr\xc3\xbc\xc3\x9f"
	      "e \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\xa6\x86",
	      "Gr\xc3\xbc\xc3\x9f"
	      "e \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\xa6\x86");
}

static void controls_are_escaped(void **state)
{
	(void)state;
	SHOWS("\0a\t\n\r\033[31m\x7f", "\\x00a\\x09\\x0a\\x0d\\x1b[31m\\x7f");
	/* C1 as UTF-8 and as bare bytes. */
	SHOWS("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\xc2\xa0");
	SHOWS("\x9b"
	      "31m",
	      "\\x9b"
	      "31m");
}

static void what_is_not_seen_is_escaped(void **state)
{
	(void)state;
	SHOWS("\xe2\x80\xae"
	      "abc\xe2\x80\xac",
	      "\\xe2\\x80\\xae"
	      "abc\\xe2\\x80\\xac");
	SHOWS("\xe2\x81\xa6\xe2\x81\xa9\xd8\x9c", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\xd8\\x9c");
	SHOWS("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\x8b",
	      "\\xe2\\x80\\xa8\\xe2\\x80\\xa9\\xe2\\x80\\x8b");
	SHOWS("\xef\xbb\xbf\xf3\xa0\x80\xa1\xef\xbf\xbe",
	      "\\xef\\xbb\\xbf\\xf3\\xa0\\x80\\xa1\\xef\\xbf\\xbe");
}

static void bad_utf8_is_escaped_byte_by_byte(void **state)
{
	(void)state;
	SHOWS("\xff\xfe", "\\xff\\xfe");
	SHOWS("\xc3", "\\xc3");
	SHOWS("\xc3(", "\\xc3(");
	SHOWS("\xe2\x82", "\\xe2\\x82");
	SHOWS("\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf",
	      "\\xc0\\xaf\\xe0\\x80\\xaf\\xf0\\x80\\x80\\xaf");	    /* overlong */
	SHOWS("\xed\xa0\x80", "\\xed\\xa0\\x80");		    /* surrogate */
	SHOWS("\xf4\x90\x80\x80\xf5", "\\xf4\\x90\\x80\\x80\\xf5"); /* above U+10FFFF */
	SHOWS("\x80"
	      "a",
	      "\\x80"
	      "a");
}

/* Whatever goes in: jansson takes what comes out, and a second time changes nothing. */
static void every_pair_of_bytes_is_safe(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		char pair[3] = { (char)(i >> 8), (char)i, 'x' };
		struct strbuf once = STRBUF_INIT, twice = STRBUF_INIT;
		json_t *text;

		escape_append(&once, (struct bytes){ pair, 3 });
		text = json_stringn(once.buf, once.len);
		assert_non_null(text);
		json_decref(text);
		assert_harmless(&once);
		escape_append(&twice, (struct bytes){ once.buf, once.len });
		assert_string_equal(twice.buf, once.buf);
		strbuf_release(&once);
		strbuf_release(&twice);
	}
}

static void ascii_outputs_get_ascii(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	escape_append_as(&sb, (struct bytes){ "\xc3\xbc-a\x9b", 5 }, false);
	assert_string_equal(sb.buf, "\\xc3\\xbc-a\\x9b");
	strbuf_release(&sb);
}

static void arguments_are_joined(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	escape_args(&sb, (struct bytes){ "a\0b\nc\0\0d", 9 }, true);
	assert_string_equal(sb.buf, "a b\\x0ac  d");
	strbuf_release(&sb);
	escape_args(&sb, (struct bytes){ "one", 4 }, true);
	assert_string_equal(sb.buf, "one");
	strbuf_release(&sb);
	escape_text(&sb, NULL);
	assert_int_equal(sb.len, 0);
}

static void widths_are_columns(void **state)
{
	size_t width;

	(void)state;
	assert_int_equal(text_width("abc", 3), 3);
	assert_int_equal(text_width("\xe2\x89\xa5"
				    "12m",
				    6),
			 4);
	assert_int_equal(text_fit("abcdef", 6, 4, &width), 4);
	assert_int_equal(width, 4);
	assert_int_equal(text_fit("a\xe2\x89\xa5z", 5, 2, &width), 4);
	assert_int_equal(width, 2);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return;
	assert_int_equal(text_width("\xe6\x97\xa5", 3), 2);
	assert_int_equal(text_fit("a\xe6\x97\xa5", 4, 2, &width), 1);
	assert_int_equal(width, 1);
}

static void escaped_copy_is_one_line(void **state)
{
	char *copy = escaped_bytes((struct bytes){ "a\x1b[\n\\\xe2\0z", 8 });

	(void)state;
	assert_string_equal(copy, "a\\x1b[\\x0a\\\\xe2\\x00z");
	free(copy);
	copy = escaped_text("");
	assert_string_equal(copy, "");
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(what_is_not_seen_is_escaped),
		cmocka_unit_test(bad_utf8_is_escaped_byte_by_byte),
		cmocka_unit_test(every_pair_of_bytes_is_safe),
		cmocka_unit_test(ascii_outputs_get_ascii),
		cmocka_unit_test(arguments_are_joined),
		cmocka_unit_test(widths_are_columns),
		cmocka_unit_test(escaped_copy_is_one_line),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
