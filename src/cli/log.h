/* SPDX-License-Identifier: MIT */
#ifndef STRAY_CLI_LOG_H
#define STRAY_CLI_LOG_H

/*
 * Messages for people, on stderr, one line each. Where stderr is the journal
 * (JOURNAL_STREAM) a line begins with its priority, <3> <4> <6>, else with the
 * program's name. A message must not hold unescaped bytes of other processes.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* Write one line. */
void log_message(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)	 log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_message(LOG_LEVEL_INFO, __VA_ARGS__)

/*
 * From now on a message that stderr does not take (a pipe that is not read) is given up
 * once @fd polls readable; -1: never.
 */
void log_until(int fd);

/* Is this descriptor the one that JOURNAL_STREAM names (systemd.exec(5))? */
int log_is_journal(int fd);

#endif
