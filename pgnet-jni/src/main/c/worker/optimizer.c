/*
 * optimizer.c
 *		Has the JVM optimize its code when nobody else wants the processors.
 *
 * HotSpot compiles twice: quickly, and then, for seconds, what has run often. A new worker's first burst is over by then,
 * and had to share its processors with that. Linux has a niceness for each thread (sched(7)), so the second compiler
 * alone gets a higher one. What it is not done with runs as the first one left it.
 */
#include "worker/optimizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "storage/fd.h"

#define THREADS "/proc/self/task"

/* The begin of their names, of which the kernel keeps 15 bytes: "C2 CompilerThread0". */
#define OPTIMIZER "C2 Compiler"

/* A tenth of the share of others. With less, what waits for the compiler inside the JVM would wait for long. */
#define HIGHER_BY 10
#define HIGHEST 19

/* Is this thread one of the optimizing compiler's? */
static bool
is_optimizer(const char *thread)
{
	char path[MAXPGPATH];
	char name[sizeof(OPTIMIZER)] = "";
	FILE *file;

	snprintf(path, sizeof(path), THREADS "/%s/comm", thread);
	file = AllocateFile(path, PG_BINARY_R);
	if (file == NULL)
		return false; /* it has ended */
	if (fgets(name, sizeof(name), file) == NULL)
		name[0] = '\0';
	FreeFile(file);
	return strcmp(name, OPTIMIZER) == 0;
}

/*
 * Raises the niceness of the threads on which the JVM of this process optimizes code. Those that the JVM adds later are
 * started by one of them, and inherit it.
 */
void
pgnet_lower_optimizer(void)
{
	DIR *threads = AllocateDir(THREADS);
	struct dirent *thread;

	while ((thread = ReadDirExtended(threads, THREADS, LOG)) != NULL)
		if (is_optimizer(thread->d_name))
		{
			id_t id = (id_t) atol(thread->d_name);

			(void) setpriority(PRIO_PROCESS, id,
							   Min(getpriority(PRIO_PROCESS, id) + HIGHER_BY, HIGHEST));
		}
	FreeDir(threads);
}
