/*
 * histogram.h
 *		How long attempts took, counted in buckets. Each octave of microseconds has 16: 9 of one width in its lower half, 7 of
 *		another in its upper half, so that what is said of a bucket is wrong by less than 2.8 %. (16 of one width would be wrong
 *		by 3.04 % at the octave's begin.)
 *
 * One process adds, any may read meanwhile: a count is an aligned word of 32 bits, which is stored and loaded as a whole, and a
 * reader takes a copy of all counts before it reckons, so its figures are of one set of counts.
 */
#ifndef PGNET_HISTOGRAM_H
#define PGNET_HISTOGRAM_H

#include "c.h"
#include "port/pg_bitutils.h"

#define PGNET_BUCKETS_PER_OCTAVE 16
#define PGNET_BUCKETS_IN_LOWER_HALF 9
#define PGNET_BUCKETS_IN_UPPER_HALF 7

/* From 16 microseconds to 4.7 hours; what is less, or more, counts as that. */
#define PGNET_LOWEST_OCTAVE 4
#define PGNET_HIGHEST_OCTAVE 33

#define PGNET_BUCKETS ((PGNET_HIGHEST_OCTAVE - PGNET_LOWEST_OCTAVE + 1) * PGNET_BUCKETS_PER_OCTAVE)

/* At so much in one bucket all are halved, which leaves the percentiles as they are. */
#define PGNET_MOST_IN_BUCKET UINT32_C(0x80000000)

typedef struct Histogram
{
	volatile uint32 counts[PGNET_BUCKETS];
} Histogram;

/* The bucket of a number of microseconds. */
static inline int
pgnet_bucket_of(int64 micros)
{
	int octave;
	uint64 above; /* the octave's begin */
	uint64 half;
	int place;

	if (micros < (INT64CONST(1) << PGNET_LOWEST_OCTAVE))
		return 0;
	if (micros >= (INT64CONST(1) << (PGNET_HIGHEST_OCTAVE + 1)))
		return PGNET_BUCKETS - 1;
	octave = pg_leftmost_one_pos64(micros);
	above = micros - (UINT64CONST(1) << octave);
	half = UINT64CONST(1) << (octave - 1);
	if (above < half)
		place = (above * PGNET_BUCKETS_IN_LOWER_HALF) >> (octave - 1);
	else
		place = PGNET_BUCKETS_IN_LOWER_HALF +
				(((above - half) * PGNET_BUCKETS_IN_UPPER_HALF) >> (octave - 1));
	return (octave - PGNET_LOWEST_OCTAVE) * PGNET_BUCKETS_PER_OCTAVE + place;
}

/* The number of microseconds that is said of a bucket: to its begin it is in the proportion in which its end is to it. */
static inline double
pgnet_micros_of(int bucket)
{
	double octave = UINT64CONST(1) << (bucket / PGNET_BUCKETS_PER_OCTAVE + PGNET_LOWEST_OCTAVE);
	int place = bucket % PGNET_BUCKETS_PER_OCTAVE;
	double width;
	double begin;

	if (place < PGNET_BUCKETS_IN_LOWER_HALF)
	{
		width = 0.5 / PGNET_BUCKETS_IN_LOWER_HALF;
		begin = 1 + place * width;
	}
	else
	{
		width = 0.5 / PGNET_BUCKETS_IN_UPPER_HALF;
		begin = 1.5 + (place - PGNET_BUCKETS_IN_LOWER_HALF) * width;
	}
	return octave * 2 * begin * (begin + width) / (2 * begin + width);
}

/* Forgets all. While nobody adds. */
static inline void
pgnet_histogram_clear(Histogram *histogram)
{
	for (int i = 0; i < PGNET_BUCKETS; i++)
		histogram->counts[i] = 0;
}

/* Counts one. By the one process that writes. */
static inline void
pgnet_histogram_add(Histogram *histogram, int64 micros)
{
	int bucket = pgnet_bucket_of(micros);

	if (histogram->counts[bucket] >= PGNET_MOST_IN_BUCKET)
		for (int i = 0; i < PGNET_BUCKETS; i++)
			histogram->counts[i] /= 2;
	histogram->counts[bucket]++;
}

/* Copies it as it is now. Returns how many are counted. */
static inline uint64
pgnet_histogram_copy(const Histogram *histogram, Histogram *copy)
{
	uint64 total = 0;

	for (int i = 0; i < PGNET_BUCKETS; i++)
	{
		copy->counts[i] = histogram->counts[i];
		total += copy->counts[i];
	}
	return total;
}

/* The microseconds that a share of a copy's total, which is not 0, took at most: the nearest rank. */
static inline double
pgnet_percentile(const Histogram *copy, uint64 total, int percent)
{
	uint64 rank = (total * percent + 99) / 100;
	uint64 passed = 0;

	for (int i = 0; i < PGNET_BUCKETS; i++)
	{
		passed += copy->counts[i];
		if (passed >= rank)
			return pgnet_micros_of(i);
	}
	return pgnet_micros_of(PGNET_BUCKETS - 1);
}

#endif /* PGNET_HISTOGRAM_H */
