// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Saved runs, as --repeat reads them. Input: the text of one file or, with a NUL
 * between, of two that are held against each other.
 */
#include <jansson.h>
#include <stdio.h>

#include "agreement.h"
#include "error.h"
#include "fuzz.h"
#include "output/compare.h"
#include "repeat.h"

static json_t *load(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);

	free(text);
	return root;
}

/* False: refused, and forgotten. */
static bool take(struct repeat *repeat, json_t *root)
{
	char err[ERROR_SIZE] = "";
	int ret = repeat_parse(repeat, root, err, sizeof(err));

	if (!ret)
		return true;
	CHECK(*err && strlen(err) < sizeof(err) && !repeat->root);
	return false;
}

static void check_agreement(const json_t *before, const json_t *now)
{
	json_t *agreement = agreement_json(before, now);
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	CHECK(agreement && stream);
	CHECK(!compare_agreement_text(agreement, stream, true));
	fclose(stream);
	for (size_t i = 0; i < size; i++)
		CHECK((unsigned char)text[i] >= ' ' || text[i] == '\n');
	free(text);
	json_decref(agreement);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	size_t first = nul ? (size_t)(nul - data) : size;
	static struct repeat before, now;
	json_t *root = load(data, first);

	if (!root || !take(&before, root))
		return 0;
	CHECK(before.blocks >= 1 && before.n_params <= REPEAT_PARAMS_MAX &&
	      before.n_experiments <= REPEAT_EXPERIMENTS_MAX);
	CHECK(before.is_vs == !before.n_experiments);
	root = nul ? load(nul + 1, size - first - 1) : NULL;
	if (!root) {
		check_agreement(before.root, before.root);
	} else if (take(&now, root)) {
		check_agreement(before.root, now.root);
		repeat_free(&now);
	}
	repeat_free(&before);
	return 0;
}
