/*
 * jvm.c
 *		Opens libjvm, starts the JVM on the worker's main thread and calls the Java side.
 */
#include "worker/jvm.h"
#include "worker/failure.h"
#include "worker/journal.h"
#include "shared/libcurl.h"
#include "worker/native_call.h"
#include "worker/natives.h"
#include "shared/settings.h"

#include <dlfcn.h>
#include <jni.h>
#include <malloc.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "storage/ipc.h"

#define OLDEST_JAVA 17
#define MAX_OPTIONS 128

/*
 * Blocks of so many bytes and more, those of large bodies, go back to the system when they are freed. By default malloc
 * raises this limit to the largest that was freed, and the heap then grows by what such blocks leave between them.
 */
#define LARGE_BLOCK (256 * 1024)

/*
 * The heaps' ends are given back to the kernel when so much of one is free. With malloc's own 128 kB each batch of requests
 * took them anew, page by page, and interrupted the other threads twice.
 */
#define KEPT_AT_THE_END (1024 * 1024)

/* in the order of the class path, from packaging/jars */
static const char *const jars[] = {
#include "jars.inc"
};

typedef jint(JNICALL *CreateJavaVM)(JavaVM **, void **, void *);

/* the slot while the JVM starts */
static WorkerSlot *starting_slot = NULL;

/* Where the jars and libraries are installed. */
static const char *
library_directory(void)
{
	return psprintf("%s/pg_net", pkglib_path);
}

/* Opens libjvm, or ends the worker. */
static CreateJavaVM
open_libjvm(WorkerSlot *slot)
{
	const char *hint =
		"Set pg_net.libjvm to the libjvm.so of a Java 17 or later runtime and restart the server.";
	void *library = dlopen(pgnet_libjvm, RTLD_NOW | RTLD_GLOBAL);
	CreateJavaVM create;

	if (library == NULL)
		pgnet_start_failed(slot,
						   psprintf("could not load the JVM from \"%s\" (pg_net.libjvm): %s",
									pgnet_libjvm, dlerror()),
						   hint);
	create = (CreateJavaVM) dlsym(library, "JNI_CreateJavaVM");
	if (create == NULL)
		pgnet_start_failed(
			slot,
			psprintf("\"%s\" (pg_net.libjvm) is not a JVM: it has no JNI_CreateJavaVM",
					 pgnet_libjvm),
			hint);
	return create;
}

/* Ends the worker when one of its files is missing: the JVM's own message would not say which. */
static void
check_files(WorkerSlot *slot)
{
	static const char *const libraries[] = {"libpgnet_curl.so", "libjnidispatch.so"};

	for (int i = 0; i < lengthof(jars) + lengthof(libraries); i++)
	{
		const char *name = i < lengthof(jars) ? jars[i] : libraries[i - lengthof(jars)];
		char *path = psprintf("%s/%s", library_directory(), name);

		if (access(path, R_OK) != 0)
			pgnet_start_failed(
				slot, psprintf("could not read \"%s\": %s", path, strerror(errno)),
				"Install pg_net again, whole, into this server's library directory.");
	}
}

/* The option that names the jars. */
static char *
class_path(void)
{
	StringInfoData path;

	initStringInfo(&path);
	for (int i = 0; i < lengthof(jars); i++)
		appendStringInfo(&path, "%s%s/%s", i == 0 ? "-Djava.class.path=" : ":", library_directory(),
						 jars[i]);
	return path.data;
}

/* Ends the worker. */
pg_noreturn static void
jvm_did_not_start(WorkerSlot *slot)
{
	pgnet_start_failed(
		slot,
		psprintf("the JVM of \"%s\" did not start; its reason is in the log's lines before",
				 pgnet_libjvm),
		"Check pg_net.jvm_options and pg_net.libjvm.");
}

/*
 * HotSpot calls this before it ends the process. While it starts, that is for a wrong option or for lack of memory: the
 * process then ends as PostgreSQL wants it, where a bare end would restart the cluster. Later it is a crash, and goes on.
 */
static void JNICALL
on_abort(void)
{
	WorkerSlot *slot = starting_slot;

	starting_slot = NULL;
	if (slot != NULL && syscall(SYS_gettid) == getpid())
		jvm_did_not_start(slot);
}

/* HotSpot calls this in the place of exit(). */
static void JNICALL
on_exit_of_jvm(jint code)
{
	on_abort();
}

/* The JVM's options: ours, those of packaging/jvm-options first, then the user's, which win. */
static int
make_options(JavaVMOption *options)
{
	const char *directory = library_directory();
	int count = 0;
	ListCell *cell;
	char *ours[] = {
#include "jvm-options.inc"
		psprintf("-XX:SharedArchiveFile=%s/pgnet.jsa", directory),
		class_path(),
		"-Dpgnet.version=" PGNET_VERSION,
	};

	options[count++] = (JavaVMOption){"abort", on_abort};
	options[count++] = (JavaVMOption){"exit", on_exit_of_jvm};
	for (int i = 0; i < lengthof(ours); i++)
		options[count++].optionString = ours[i];
	foreach (cell, pgnet_split_jvm_options(pgnet_jvm_options))
		if (count < MAX_OPTIONS)
			options[count++].optionString = lfirst(cell);
	return count;
}

/*
 * Starts the JVM with every signal blocked, so that its threads inherit the blocked mask and signals reach the main
 * thread alone. Faults stay unblocked: HotSpot lives on SIGSEGV.
 */
static JNIEnv *
create_jvm(WorkerSlot *slot, CreateJavaVM create)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
	JavaVMOption options[MAX_OPTIONS] = {0};
	JavaVMInitArgs arguments = {
		.version = JNI_VERSION_10, .options = options, .ignoreUnrecognized = JNI_FALSE};
	sigset_t blocked;
	sigset_t before;
	JavaVM *jvm;
	JNIEnv *env = NULL;
	jint code;

	mallopt(M_ARENA_MAX, 2); /* each further arena costs memory for threads that hardly allocate */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
	mallopt(M_TRIM_THRESHOLD, KEPT_AT_THE_END);
	arguments.nOptions = make_options(options);
	sigfillset(&blocked);
	for (int i = 0; i < lengthof(faults); i++)
		sigdelset(&blocked, faults[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, &before);
	starting_slot = slot;
	code = create(&jvm, (void **) &env, &arguments);
	starting_slot = NULL;
	pthread_sigmask(SIG_SETMASK, &before, NULL);

	if (code == JNI_EVERSION)
		pgnet_start_failed(slot,
						   psprintf("the Java of \"%s\" (pg_net.libjvm) is too old", pgnet_libjvm),
						   "pg_net needs Java 17 or later.");
	if (code != JNI_OK)
		jvm_did_not_start(slot);
	return env;
}

/* The number in the system property java.specification.version: 17, or 1.8 for Java 8, which counts as 1. */
static int
java_version(JNIEnv *env)
{
	jclass system = (*env)->FindClass(env, "java/lang/System");
	jmethodID get = (*env)->GetStaticMethodID(env, system, "getProperty",
											  "(Ljava/lang/String;)Ljava/lang/String;");
	jstring name = (*env)->NewStringUTF(env, "java.specification.version");
	jstring value = (*env)->CallStaticObjectMethod(env, system, get, name);
	const char *text = (*env)->GetStringUTFChars(env, value, NULL);
	int version = atoi(text);

	(*env)->ReleaseStringUTFChars(env, value, text);
	return version;
}

/*
 * Lets JNA load its library without a warning in the server's log, which Java 24 and later write. What the option
 * --enable-native-access does, done when the JVM runs: with the option it would not use Java's own class-data archive.
 */
static void
enable_native_access(JNIEnv *env)
{
	jclass module = (*env)->FindClass(env, "java/lang/Module");
	jmethodID enable =
		(*env)->GetStaticMethodID(env, module, "implAddEnableNativeAccessToAllUnnamed", "()V");

	if (enable != NULL)
		(*env)->CallStaticVoidMethod(env, module, enable);
	(*env)->ExceptionClear(env); /* not a public method: where it is missing, there is a warning */
}

/* Ends the worker for the pending Java exception. */
static void
end_with_java_failure(WorkerSlot *slot, JNIEnv *env, const char *what)
{
	char *failure = pgnet_take_java_exception(env);

	pgnet_start_failed(slot, psprintf("%s: %s", what, failure),
					   "Install pg_net again, whole, with one version of its files, and restart "
					   "the server.");
}

/*
 * Ends the worker, with one line in the log. The next one waits until its time has come. What everybody may read says less
 * than the log does: the exception's text may be of a request.
 */
pg_noreturn static void
end_after_exception(WorkerSlot *slot, JNIEnv *env)
{
	char *exception = pgnet_take_java_exception(env);
	long pause = pgnet_journal_ended_abnormally();

	pgnet_journal_reason(strstr(exception, "java.lang.OutOfMemoryError") != NULL
							 ? "out of memory"
							 : "an unexpected exception");
	pgnet_note_end(slot, "it ended by an unexpected exception, which the server's log tells",
				   pause);
	ereport(WARNING,
			(errmsg("pg_net worker ends and starts again in %ld s: %s", pause / 1000, exception),
			 errdetail("Unfinished requests are still queued, and are sent then.")));
	proc_exit(1);
}

/* Calls a method of org.pgnet.jni.WorkerMain, which may leave a pending Java exception. */
static void
call_main(WorkerSlot *slot, JNIEnv *env, jclass main_class, const char *name)
{
	jmethodID method = (*env)->GetStaticMethodID(env, main_class, name, "()V");

	if (method == NULL)
		end_with_java_failure(slot, env, "could not find the Java side's entry point");
	(*env)->CallStaticVoidMethod(env, main_class, method);
}

/* Starts the JVM and runs org.pgnet.jni.WorkerMain until it returns, which it does when the worker is asked to end. */
void
pgnet_run_java(WorkerSlot *slot)
{
	JNIEnv *env;
	jclass main_class;

	if (pgnet_libcurl_failure() != NULL)
		pgnet_start_failed(slot, psprintf("it cannot use libcurl: %s", pgnet_libcurl_failure()),
						   PGNET_LIBCURL_HINT);
	check_files(slot);
	env = create_jvm(slot, open_libjvm(slot));
	if (java_version(env) < OLDEST_JAVA)
		pgnet_start_failed(slot,
						   psprintf("the Java of \"%s\" (pg_net.libjvm) is version %d",
									pgnet_libjvm, java_version(env)),
						   "pg_net needs Java 17 or later.");

	enable_native_access(env);
	main_class = (*env)->FindClass(env, "org/pgnet/jni/WorkerMain");
	if (main_class == NULL)
		end_with_java_failure(slot, env, "could not load the Java side");
	call_main(slot, env, main_class, "requireVersion");
	if ((*env)->ExceptionCheck(env) || !pgnet_register_natives(env))
		end_with_java_failure(slot, env, "could not load the Java side");
	call_main(slot, env, main_class, "prepare");
	if ((*env)->ExceptionCheck(env))
		end_with_java_failure(slot, env, "the Java side does not fit pg_net.so");
	call_main(slot, env, main_class, "run");
	if ((*env)->ExceptionCheck(env))
		end_after_exception(slot, env);
}
