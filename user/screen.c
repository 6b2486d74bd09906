// SPDX-License-Identifier: GPL-2.0-or-later
/* The screen of `top`, and its keys. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>

/* What term.h calls so, and nobody here wants. */
#undef columns
#undef lines

#include "error.h"
#include "output/top.h"
#include "screen.h"
#include "terminal.h"

#define LINE_SIZE	512	/* wide characters of a line */
#define ESCAPE		27
#define ESCAPE_MS	50	/* after which it is no longer the beginning of a key's code */

/* The lines above the rows, and the one below. */
enum { SWITCHES_LINE, TASKS_LINE, STATE_LINE, HEADING_LINE, FIRST_ROW };
#define LAST_LINE	(LINES - 1)

enum { PAIR_HEADING = 1, PAIR_INVOLUNTARY, PAIR_DEAD };

struct screen {
	SCREEN	*terminal;
	bool	 colour;
	bool	 paused;
	bool	 help;
	bool	 typing;	/* a filter */
	char	 typed[TASK_COMM_SIZE];
	size_t	 first;		/* row that is shown first */
	size_t	 rows;		/* at the last drawing */
};

static const char *const help[] = {
	"  q  quit                          h ?  this help",
	"  t  threads and all other tasks, or thread groups",
	"  f /  only commands with some text in their names: type it, then Enter",
	"  a  with those that did nothing   space  pause, and go on",
	"  arrows, PgUp, PgDn, Home, End    scroll",
	"",
	"  Sort by (again, or r: reverse; < >: the column before or after)",
	"  s  switches          v  VOL/s    voluntary: it went to sleep",
	"  i  INVOL/s  preempted            m  MIGR/s   moves to another CPU",
	"  c  CPU%     time on CPUs         w  WAIT%    runnable, but not running",
	"  l  SLICE    mean stay on a CPU   x  PAR      mean number running, while any is",
	"  n  TASKS    that lived           p d k o     PID, TID, CLASS, COMMAND",
	"",
	"  Percentages are of one CPU: of a group they may exceed 100.",
	"  schedsplit-top(1) has the rest. Any key goes back.",
};

#define HELP_LINES	(sizeof(help) / sizeof(help[0]))

/* --- open and close --- */

static void open_colours(struct screen *screen)
{
	screen->colour = terminal_has_colour(stdout) && has_colors() && start_color() == OK;
	if (!screen->colour)
		return;
	use_default_colors();
	init_pair(PAIR_HEADING, COLOR_CYAN, -1);
	init_pair(PAIR_INVOLUNTARY, COLOR_YELLOW, -1);
	init_pair(PAIR_DEAD, COLOR_RED, -1);
}

int screen_open(struct screen **result, char *err, size_t size)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	const char *term = getenv("TERM");

	*result = NULL;
	if (!screen)
		return error_set(-ENOMEM, err, size, "out of memory");
	screen->terminal = newterm(NULL, stdout, stdin);
	if (!screen->terminal) {
		free(screen);
		return error_set(-ENOTTY, err, size,
				 "no screen on a terminal of type '%.64s': set TERM, or use --batch",
				 term ? term : "");
	}
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		screen_close(screen);
		return error_set(-ENOTTY, err, size,
				 "a terminal of type '%.64s' has no screen: set TERM, or use --batch",
				 term ? term : "");
	}
	open_colours(screen);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, true);
	nodelay(stdscr, true);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	*result = screen;
	return 0;
}

void screen_close(struct screen *screen)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen->terminal);
	free(screen);
}

bool screen_is_paused(const struct screen *screen)
{
	return screen->paused;
}

/* --- draw --- */

static attr_t colour(const struct screen *screen, int pair)
{
	return screen->colour ? (attr_t)COLOR_PAIR(pair) : 0;
}

/*
 * As much of @text as @width columns have room for, in @wide. Return: how many
 * columns it takes.
 */
static int clip(const char *text, int width, wchar_t wide[LINE_SIZE])
{
	mbstate_t state = { 0 };
	int taken = 0;
	size_t n = 0;

	while (*text && n < LINE_SIZE - 1) {
		size_t length = mbrtowc(&wide[n], text, strlen(text), &state);
		int columns;

		if (length == (size_t)-1 || length == (size_t)-2) {
			memset(&state, 0, sizeof(state));
			wide[n] = L'?';
			length = 1;
		}
		columns = wcwidth(wide[n]);
		if (columns < 0) {
			wide[n] = L'?';
			columns = 1;
		}
		if (taken + columns > width)
			break;
		taken += columns;
		text += length;
		n++;
	}
	wide[n] = L'\0';
	return taken;
}

/* @text in columns @x to @x + @width, or what there is of them. */
static void put(int y, int x, int width, bool right, attr_t attributes, const char *text)
{
	wchar_t wide[LINE_SIZE];
	int taken;

	if (y < 0 || y >= LINES || x >= COLS)
		return;
	if (width > COLS - x)
		width = COLS - x;
	taken = clip(text, width, wide);
	attrset((int)attributes);
	mvhline(y, x, ' ' | attributes, width);
	mvaddwstr(y, right ? x + width - taken : x, wide);
	attrset(A_NORMAL);
}

static void put_line(int y, attr_t attributes, const char *text)
{
	put(y, 0, COLS, false, attributes, text);
}

/* Where a cell begins is where the one before it ended, and a blank. */
static int cell_width(enum column_id id, bool tasks, int x)
{
	return id == COLUMN_COMMAND ? COLS - x : column[id].width[tasks];
}

static void draw_headings(const struct screen *screen, const struct view *view)
{
	int x = 0;

	put_line(HEADING_LINE, A_REVERSE | colour(screen, PAIR_HEADING), "");
	for (enum column_id id = 0; id < COLUMNS; id++) {
		attr_t attributes = id == view->sort ? A_BOLD : A_REVERSE;

		if (!column_is_shown(id, view->tasks))
			continue;
		put(HEADING_LINE, x, column[id].width[view->tasks], !column[id].is_text,
		    attributes | colour(screen, PAIR_HEADING), column[id].heading);
		x += column[id].width[view->tasks] + 1;
	}
}

static void draw_row(const struct screen *screen, const struct rates *rates,
		     const struct rate *rate, int y)
{
	bool tasks = rate->tid, preempted = rate->counts.involuntary > rate->counts.voluntary;
	char text[128];
	int x = 0;

	for (enum column_id id = 0; id < COLUMNS; id++) {
		attr_t attributes = A_NORMAL;
		int width = cell_width(id, tasks, x);

		if (!column_is_shown(id, tasks))
			continue;
		if (rate->dead)
			attributes = colour(screen, PAIR_DEAD);
		else if (id == COLUMN_INVOLUNTARY && preempted)
			attributes = colour(screen, PAIR_INVOLUNTARY);
		put(y, x, width, !column[id].is_text, attributes,
		    column_text(id, rates, rate, text, sizeof(text)));
		x += width + 1;
	}
}

static size_t rows_on_screen(void)
{
	return LAST_LINE > FIRST_ROW ? (size_t)(LAST_LINE - FIRST_ROW) : 0;
}

static void draw_rows(struct screen *screen, const struct view *view, const struct rates *rates)
{
	const struct rate **rows;
	size_t n = view_select(view, rates, view->tasks, &rows), room = rows_on_screen();

	screen->rows = n;
	if (screen->first + room > n)
		screen->first = n > room ? n - room : 0;
	for (size_t i = 0; i < room && screen->first + i < n; i++)
		draw_row(screen, rates, rows[screen->first + i], FIRST_ROW + (int)i);
	free(rows);
}

static void draw_totals(const struct rates *rates)
{
	char text[LINE_SIZE];

	put_line(SWITCHES_LINE, A_BOLD, rates ? top_switches_text(rates, text, sizeof(text)) :
		 "Counting; the first figures come in a moment.");
	if (rates)
		put_line(TASKS_LINE, A_NORMAL, top_tasks_text(rates, text, sizeof(text)));
}

static void draw_state(const struct screen *screen, const struct view *view)
{
	char text[LINE_SIZE];

	snprintf(text, sizeof(text), "%s%s by %s%s%s%s%s", screen->paused ? "PAUSED: " : "",
		 view->tasks ? "tasks" : "groups", column[view->sort].name,
		 view->reverse ? ", reversed" : "", view->all ? ", all" : "",
		 *view->filter ? ", only " : "", view->filter);
	put_line(STATE_LINE, A_NORMAL, text);
}

static void draw_last_line(const struct screen *screen)
{
	char text[TASK_COMM_SIZE + 32];

	if (!screen->typing) {
		put_line(LAST_LINE, A_REVERSE,
			 "q quit  h help  t threads  / filter  space pause  < > sort  r reverse  a all");
		return;
	}
	snprintf(text, sizeof(text), "only commands with: %s_", screen->typed);
	put_line(LAST_LINE, A_BOLD, text);
}

void screen_draw(struct screen *screen, const struct view *view, const struct rates *rates)
{
	erase();
	draw_totals(rates);
	draw_state(screen, view);
	draw_headings(screen, view);
	if (rates)
		draw_rows(screen, view, rates);
	for (size_t i = 0; screen->help && i < HELP_LINES + 1; i++)
		put_line(FIRST_ROW + (int)i, A_NORMAL, i < HELP_LINES ? help[i] : "");
	draw_last_line(screen);
	refresh();
}

/* --- keys --- */

static void scroll_by(struct screen *screen, long rows)
{
	if (rows < 0 && screen->first < (size_t)-rows)
		screen->first = 0;
	else
		screen->first += (size_t)rows;
	/* the drawing brings it back from beyond the end */
	if (screen->first > screen->rows)
		screen->first = screen->rows;
}

static bool take_scroll(struct screen *screen, int key)
{
	long page = (long)rows_on_screen();

	switch (key) {
	case KEY_UP:
		scroll_by(screen, -1);
		return true;
	case KEY_DOWN:
		scroll_by(screen, 1);
		return true;
	case KEY_PPAGE:
		scroll_by(screen, -page);
		return true;
	case KEY_NPAGE:
		scroll_by(screen, page);
		return true;
	case KEY_HOME:
		screen->first = 0;
		return true;
	case KEY_END:
		screen->first = screen->rows;
		return true;
	}
	return false;
}

static void take_typed(struct screen *screen, struct view *view, int key)
{
	size_t length = strlen(screen->typed);

	if (key == '\r' || key == '\n' || key == KEY_ENTER) {
		strcpy(view->filter, screen->typed);
		screen->first = 0;
		screen->typing = false;
	} else if (key == ESCAPE) {
		screen->typing = false;
	} else if (key == KEY_BACKSPACE || key == '\b' || key == 127) {
		if (length)
			screen->typed[length - 1] = '\0';
	} else if (key >= ' ' && key < 256 && length < sizeof(screen->typed) - 1) {
		screen->typed[length] = (char)key;
		screen->typed[length + 1] = '\0';
	}
}

static bool can_sort_by(enum column_id id, bool tasks)
{
	return id == COLUMN_SWITCHES || column_is_shown(id, tasks);
}

/* @step: 1 or COLUMNS - 1, for the column after or before */
static void move_sort(struct view *view, int step)
{
	do
		view->sort = (view->sort + step) % COLUMNS;
	while (!can_sort_by(view->sort, view->tasks));
}

static void sort_by(struct view *view, enum column_id id)
{
	if (id == COLUMNS || !can_sort_by(id, view->tasks))
		return;
	view->reverse = id == view->sort && !view->reverse;
	view->sort = id;
}

static void toggle_threads(struct screen *screen, struct view *view)
{
	view->tasks = !view->tasks;
	if (!can_sort_by(view->sort, view->tasks))
		view->sort = COLUMN_SWITCHES;
	screen->first = 0;
}

static bool take_key(struct screen *screen, struct view *view, int key)
{
	switch (key) {
	case 'q':
		return false;
	case 'h':
	case '?':
		screen->help = true;
		break;
	case 't':
	case 'H':
		toggle_threads(screen, view);
		break;
	case 'f':
	case '/':
		screen->typing = true;
		strcpy(screen->typed, view->filter);
		break;
	case ' ':
		screen->paused = !screen->paused;
		break;
	case 'a':
		view->all = !view->all;
		break;
	case 'r':
		view->reverse = !view->reverse;
		break;
	case '<':
		move_sort(view, COLUMNS - 1);
		break;
	case '>':
		move_sort(view, 1);
		break;
	default:
		if (!take_scroll(screen, key))
			sort_by(view, column_by_key(key));
	}
	return true;
}

bool screen_take_keys(struct screen *screen, struct view *view)
{
	bool go_on = true;
	int key;

	while (go_on && (key = getch()) != ERR) {
		if (key == KEY_RESIZE)
			continue;
		if (screen->help)
			screen->help = false;
		else if (screen->typing)
			take_typed(screen, view, key);
		else
			go_on = take_key(screen, view, key);
	}
	return go_on;
}
