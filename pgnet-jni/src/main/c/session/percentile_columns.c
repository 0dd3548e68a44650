/*
 * percentile_columns.c
 *		How long attempts took, as columns: of a role's requests to an origin in net.stat_host, of all in net.stats.
 */
#include "session/percentile_columns.h"
#include "shared/memory.h"

#include "access/htup_details.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(pgnet_latency);

/* Microseconds as an interval. */
static Datum
interval_of(double micros)
{
	Interval *interval = palloc0(sizeof(Interval));

	interval->time = (TimeOffset) micros;
	return IntervalPGetDatum(interval);
}

/* The columns p50, p90, p99 and since; nulls for NULL. */
void
pgnet_percentile_columns(const Percentiles *percentiles, Datum *values, bool *nulls)
{
	memset(nulls, percentiles == NULL, sizeof(bool) * PGNET_PERCENTILE_COLUMNS);
	if (percentiles == NULL)
		return;
	values[0] = interval_of(percentiles->p50);
	values[1] = interval_of(percentiles->p90);
	values[2] = interval_of(percentiles->p99);
	values[3] = TimestampTzGetDatum(percentiles->since);
}

/* net._latency(): of all attempts of this database; when counting began, also before the first. */
Datum
pgnet_latency(PG_FUNCTION_ARGS)
{
	Percentiles percentiles = {.since = 0};
	TupleDesc descriptor;
	Datum values[PGNET_PERCENTILE_COLUMNS];
	bool nulls[PGNET_PERCENTILE_COLUMNS];
	bool counted;

	pgnet_require_preloaded();
	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "net._latency() returns a row");
	counted = pgnet_percentiles_here(&percentiles);
	pgnet_percentile_columns(counted ? &percentiles : NULL, values, nulls);
	nulls[3] = percentiles.since == 0;
	values[3] = TimestampTzGetDatum(percentiles.since);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}
