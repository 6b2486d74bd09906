/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The claims that `compare` settles: text, rule, verdict. A rule is fixed here
 * and printed by `compare --list` before anything runs.
 *
 * A claim is settled point by point, then over all points that its rule names.
 * A rule has one condition or several; each reads one figure at each of its
 * points. A ratio, by its 95 % interval, is
 *	for	wholly beyond 1.05 on the claimed side,
 *	equal	wholly within [1/1.05, 1.05],
 *	against	wholly beyond 1/1.05 on the other side,
 *	open	anything else.
 * A median is for if its 95 % interval lies wholly within the claimed range,
 * against if wholly outside of it, else open. A fact (a figure that every trial
 * must show) is for if it lies in the range in every trial, against if in none,
 * else open. Below 6 trials all is open.
 * The claim
 *	holds		if all points of all conditions are for,
 *	fails		if all are equal or against,
 *	depends		if at least one is for and at least one is equal or
 *			against, after Holm's correction over all points,
 *	is inconclusive	otherwise.
 * "All points" needs no correction (an intersection-union test: each is tested
 * at 5 %, so that all pass wrongly is rarer still); that two of several differ
 * does, since the most extreme are picked out. A point may be unfit to decide,
 * which is said. Last, the same is settled without the trials that are marked:
 * if that changes the verdict, it depends.
 */
#ifndef SCHEDSPLIT_CLAIMS_H
#define SCHEDSPLIT_CLAIMS_H

#include "analysis.h"

enum verdict {
	VERDICT_HOLDS,
	VERDICT_FAILS,
	VERDICT_DEPENDS,
	VERDICT_INCONCLUSIVE,
	VERDICT_NOT_MEASURED,
};

extern const char *const verdict_name[];

enum claim_side { CLAIM_ABOVE, CLAIM_BELOW };	/* of 1, where the claimed ratio lies */

enum figure {
	FIGURE_RATIO,	/* of one arm's metric to another's */
	FIGURE_MEDIAN,	/* of one arm's metric */
	FIGURE_FACT,	/* one arm's metric in every trial */
};

struct finding;

struct condition {
	enum figure	 figure;
	const char	*metric;
	enum arm	 of;		/* the arm; of a ratio, what is above the line */
	bool		 each_arm;	/* of processes and of threads, instead of @of */
	enum arm	 to;		/* of a ratio: below it */
	enum claim_side	 side;		/* of a ratio */
	double		 lo, hi;	/* of the others: the claimed range, ends included */
	/* Whether the rule names this point; NULL: it names all. */
	bool		(*names)(const struct params *params, const struct machine *machine);
	/* NULL, or why this point cannot decide. May be NULL: all can. */
	const char     *(*unfit)(const struct analysis *analysis, const struct finding *finding);
	const char	*what;		/* the figure in words, for the sentence of figures */
};

struct claim {
	const char	*id;
	const char	*text;
	const char	*rule;
	const struct condition *conditions;
	size_t		 n_conditions;
	/* What each outcome means, for the sentence of figures. */
	const char	*holds, *fails;
	bool		 rests_on_time;	/* the verdict says "(emulated)" where time is */
};

enum point_says { POINT_FOR, POINT_EQUAL, POINT_AGAINST, POINT_OPEN };

/* What one point says, and the p-value of that; 1 if it says nothing. */
struct reading {
	enum point_says	says;
	double		p;
};

/* One point of a condition. */
struct finding {
	const struct condition	 *condition;
	const struct measurement *of, *to;	/* @to: of a ratio only */
	const struct ratio	 *ratio;
	struct reading		  all, unmarked;
	const char		 *unfit;	/* why it does not decide */
};

struct judgement {
	const struct claim	*claim;
	enum verdict		 verdict;
	char			 why[16384];	/* the sentence of figures */
	char			 brief[2048];	/* with the first points of each condition only */
	/* The figures to show: the named point nearest to deciding otherwise. */
	bool			 has_headline;
	struct finding		 headline;
	size_t			 points;	/* that the rule names and that decide */
	bool			 impossible;	/* not measured: the machine can do none of them */
};

/* Whether the condition is about @arm (above the line). */
bool claims_is_of(const struct condition *condition, enum arm arm);

/* Pure; see the top of this file. */
struct reading claims_read_ratio(const struct estimate *estimate, enum claim_side side);
struct reading claims_read_median(const double *x, size_t n, double lo, double hi);
struct reading claims_read_fact(const double *x, size_t n, double lo, double hi);
enum verdict claims_settle(const struct reading *readings, size_t n);

/* 0 or -ENOMEM. @analysis: of the claim's experiment. */
int claims_judge(const struct claim *claim, const struct analysis *analysis,
		 struct judgement *judgement);

#endif
