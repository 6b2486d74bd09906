/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The claims that `compare` settles: text, rule, verdict. A rule is fixed here
 * and printed by `compare --list` before anything runs.
 *
 * A ratio claim is settled point by point, then over the points that its rule
 * names. A point, by its 95 % interval, is
 *	for	wholly beyond 1.05 on the claimed side,
 *	equal	wholly within [1/1.05, 1.05],
 *	against	wholly beyond 1/1.05 on the other side,
 *	open	anything else.
 * The claim
 *	holds		if all points are for,
 *	fails		if all points are equal or against,
 *	depends		if at least one is for and at least one is equal or
 *			against, after Holm's correction over all points,
 *	is inconclusive	otherwise.
 * "All points" needs no correction (an intersection-union test: each is tested
 * at 5 %, so that all pass wrongly is rarer still); that two of several differ
 * does, since the most extreme are picked out. Last, the same is settled
 * without the trials that are marked: if that changes the verdict, it depends.
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

struct claim {
	const char	*id;
	const char	*text;
	const char	*experiment;
	const char	*rule;
	const char	*metric;	/* of the ratio process / thread */
	enum claim_side	 side;
	/* Whether the rule names this point. */
	bool		(*names)(const struct params *params, const struct machine *machine);
	const char	*what;		/* the ratio in words, for the sentence of figures */
	/* What each outcome means, for the same sentence. */
	const char	*holds, *fails;
	bool		 rests_on_time;	/* the verdict says "(emulated)" where time is */
};

extern const struct claim claims[];
extern const size_t n_claims;

struct judgement {
	const struct claim	*claim;
	enum verdict		 verdict;
	char			 why[1024];
	/* The named point nearest to deciding otherwise; NULL: none was measured. */
	const struct ratio	*headline;
	size_t			 points;	/* that the rule names and that have a ratio */
};

/* What one point says, and what all do. Pure; see the top of this file. */
enum point_says { POINT_FOR, POINT_EQUAL, POINT_AGAINST, POINT_OPEN };

enum point_says claims_point(const struct estimate *estimate, enum claim_side side);
enum verdict claims_settle(const struct estimate *const *estimates, size_t n,
			   enum claim_side side);

/* 0 or -ENOMEM. @analysis: of the claim's experiment. */
int claims_judge(const struct claim *claim, const struct analysis *analysis,
		 struct judgement *judgement);

#endif
