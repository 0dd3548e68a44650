/*
 * runs.c
 *		Whose requests a range holds, and where they go: those that follow each other and are alike, told as one.
 */
#include "store/due.h"
#include "store/orphans.h"
#include "store/survey.h"
#include "store/transaction.h"

/* Whether a request belongs to a run. */
static bool
belongs(const Run *run, const DueKey *key)
{
	return run->owner == key->owner && run->origin == key->origin && run->lane == key->lane;
}

/* Makes runs of requests, which take no more memory than these. */
static int
make_runs(Run *runs, const Survey *survey)
{
	int count = 0;

	for (int i = 0; i < survey->count; i++)
	{
		const DueKey *key = &survey->due[i];

		if (count == 0 || !belongs(&runs[count - 1], key))
			runs[count++] = (Run){
				.first = key->id, .owner = key->owner, .origin = key->origin, .lane = key->lane};
		runs[count - 1].last = key->id;
		runs[count - 1].count++;
	}
	return count;
}

/*
 * The runs of the first part of a range, in palloc'd memory. With the whole queue goes what is left beside it of requests that
 * are not there any more.
 */
Runs
pgnet_survey_runs(int64 first, int64 last)
{
	MemoryContext caller = CurrentMemoryContext;
	Runs runs = {.last = last, .complete = true};
	Survey survey;

	if (!pgnet_transaction_begin(false))
		return runs;
	pgnet_plan_by_index();
	survey = pgnet_survey_far(first, last);
	runs.runs = MemoryContextAlloc(caller, sizeof(Run) * (survey.count + 1));
	runs.count = make_runs(runs.runs, &survey);
	runs.last = survey.last;
	runs.complete = survey.complete;
	runs.rows = survey.rows;
	if (last == PG_INT64_MAX && pgnet_is_delivery_expected())
		pgnet_delete_keyed_orphans(first, runs.complete ? last : runs.last);
	pgnet_transaction_end();
	return runs;
}
