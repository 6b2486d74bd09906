// SPDX-License-Identifier: GPL-2.0-or-later
/* `explain`, for people and for programs. */
#include <inttypes.h>
#include <string.h>

#include "explain.h"

#define BOLD	"\033[1m"
#define PLAIN	"\033[0m"

/* In the unit that leaves a number of few digits. */
static void print_value(FILE *stream, double value, const char *unit)
{
	if (!strcmp(unit, "%"))
		fprintf(stream, "%'.1f %%", value);
	else if (!strcmp(unit, "1"))
		fprintf(stream, "%'.*f", value == (double)(uint64_t)value ? 0 : 2, value);
	else if (value < 1e3)
		fprintf(stream, "%.0f ns", value);
	else if (value < 1e6)
		fprintf(stream, "%.1f us", value / 1e3);
	else
		fprintf(stream, "%'.2f ms", value / 1e6);
}

static void print_proof(FILE *stream, const struct result *result)
{
	fprintf(stream, " %s: %'" PRIu64 " tasks checked against the kernel's own counts, %'" PRIu64
		" mismatched, %'" PRIu64 " lost\n\n %'14.6f seconds counted\n\n",
		result_is_proved(result) ? "proof" : "PROOF FAILED", result->proof.tasks_checked,
		result->proof.tasks_mismatched, result->proof.lost,
		(double)result->duration_ns / 1e9);
}

void explain_text(FILE *stream, const struct result *result, const struct diagnoses *diagnoses,
		  enum timing timing, bool colour)
{
	fputc('\n', stream);
	if (!diagnoses->n)
		fputs(" No task was on a CPU meanwhile: there is nothing to explain.\n\n", stream);
	for (size_t i = 0; i < diagnoses->n; i++) {
		const struct diagnosis *diagnosis = &diagnoses->diagnosis[i];

		fprintf(stream, " %s%s%s\n", colour ? BOLD : "", diagnosis->text,
			colour ? PLAIN : "");
		for (size_t j = 0; j < diagnosis->figures; j++) {
			enum figure figure = diagnosis->figure[j];

			fprintf(stream, "   %s: ", evidence_text[figure].name);
			print_value(stream, diagnoses->evidence.value[figure],
				    evidence_text[figure].unit);
			fputc('\n', stream);
		}
		fputc('\n', stream);
	}
	if (timing == TIMING_EMULATED)
		fputs(" Emulated: times, and what follows from them, say nothing of real hardware.\n",
		      stream);
	print_proof(stream, result);
}

static json_t *evidence_json(const struct diagnoses *diagnoses, const struct diagnosis *diagnosis)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diagnosis->figures; i++) {
		enum figure figure = diagnosis->figure[i];
		const struct evidence_text *text = &evidence_text[figure];

		json_array_append_new(list, json_pack("{s:s s:f s:s s:s}", "figure", text->name,
				      "value", diagnoses->evidence.value[figure],
				      "unit", text->unit, "formula", text->formula));
	}
	return list;
}

json_t *explain_json(const struct diagnoses *diagnoses, json_t *stat, const char *version)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diagnoses->n; i++) {
		const struct diagnosis *diagnosis = &diagnoses->diagnosis[i];

		json_array_append_new(list, json_pack("{s:s s:s s:o}", "id", diagnosis->id,
				      "text", diagnosis->text,
				      "evidence", evidence_json(diagnoses, diagnosis)));
	}
	return json_pack("{s:s s:s s:i s:o s:o}", "schema", "schedsplit-explain/1",
			 "version", version,
			 "cpus", (int)diagnoses->evidence.value[FIGURE_CPUS],
			 "diagnoses", list, "stat", stat);
}
